"""What the desks' officers, their manager and the escrow holders come to."""

from django.urls import URLPattern, URLResolver

from .case_urls import case_urls
from .custody_urls import custody_urls

app_name = "consultations"

urlpatterns: list[URLPattern | URLResolver] = [*case_urls, *custody_urls]
