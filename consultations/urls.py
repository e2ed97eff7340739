"""What the desks' officers, their manager and the escrow holders come to."""

from django.urls import URLPattern, URLResolver

app_name = "consultations"

urlpatterns: list[URLPattern | URLResolver] = []
