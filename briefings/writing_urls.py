"""Addresses of briefings: writing."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
