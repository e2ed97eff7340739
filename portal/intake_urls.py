"""The URLs of the anonymous side: a process of its own that knows no accounts. Its pages twice, once for a language."""

from django.urls import include, path

from intake.language import ENGLISH, INSTANCES, JAPANESE
from portal.health import alive

handler400 = "intake.errors.bad_request"
handler403 = "intake.errors.bad_request"
handler404 = "intake.errors.missing"
handler500 = "intake.errors.failed"

urlpatterns = [
    path("healthz", alive),
    path("", include("intake.urls", namespace=INSTANCES[JAPANESE])),
    path("en/", include("intake.urls", namespace=INSTANCES[ENGLISH])),
]
