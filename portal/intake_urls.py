"""The URLs of the anonymous side: a process of its own that knows no accounts."""

from django.urls import path

from portal.health import alive

handler400 = "portal.errors.bad_request_bare"

urlpatterns = [path("healthz", alive)]
