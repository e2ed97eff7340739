"""Addresses of briefings: hook."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
