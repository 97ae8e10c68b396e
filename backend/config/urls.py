"""Addresses of the shop's web site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("stock_loader.exchange.fixed_urls")),
]
