"""`path("1c_exchange/", include("stock_loader.exchange.urls"))`."""

from django.urls import path

from stock_loader.exchange.views import exchange

app_name = "stock_exchange"
urlpatterns = [path("", exchange, name="exchange")]
