"""The portal's URLs with the demo's one-click sign-in and the component gallery: the embedded settings alone."""

from django.urls import include, path

from . import gallery
from .urls import handler400 as handler400
from .urls import handler429 as handler429
from .urls import urlpatterns as portal_urlpatterns

urlpatterns = [
    *portal_urlpatterns,
    path("demo/", include("portal.demo_urls")),
    path("gallery/", gallery.gallery, name="gallery"),
]
