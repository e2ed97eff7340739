"""The portal's URLs. What is only for the demo is routed in `embedded_urls`."""

from django.urls import include, path

from . import dashboard

handler400 = "portal.errors.bad_request"
handler429 = "accounts.views.too_many"

urlpatterns = [
    path("", dashboard.home, name="home"),
    path("account/", include("accounts.urls")),
    path("account/", include("accounts.signin_urls")),
    path("clearance/", include("clearance.urls")),
    path("documents/", include("documents.urls")),
    path("rooms/", include("dialogues.urls")),
    path("consultations/", include("consultations.urls")),
    path("briefings/", include("briefings.urls")),
    path("taxii2/", include("briefings.taxii.urls")),
    path("audit/", include("audit.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
