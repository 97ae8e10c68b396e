"""The addresses that some configurations of 1C have built in: `path("", include("stock_loader.exchange.fixed_urls"))`.

With and without a slash at the end: a redirect would lose the body.
"""

from django.urls import re_path

from stock_loader.exchange.views import exchange

urlpatterns = [re_path(r"^(?:bitrix/admin/)?1c_exchange(?:\.php)?/?$", exchange)]
