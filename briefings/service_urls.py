"""Addresses of briefings: service."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
