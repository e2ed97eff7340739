"""Addresses of briefings: reading."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
