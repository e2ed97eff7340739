"""Addresses of the TAXII 2.1 server; each ends with a slash, as the specification has them."""

from django.urls import path, re_path

from . import views

app_name = "taxii"

COLLECTION = "api/collections/<uuid:collection>/"

urlpatterns = [
    path("", views.discovery, name="discovery"),
    path("api/", views.api_root, name="api_root"),
    path("api/collections/", views.collections, name="collections"),
    path(COLLECTION, views.collection, name="collection"),
    path(COLLECTION + "objects/", views.objects, name="objects"),
    path(COLLECTION + "objects/<str:stix_id>/", views.object_, name="object"),
    path(COLLECTION + "objects/<str:stix_id>/versions/", views.versions, name="versions"),
    path(COLLECTION + "manifest/", views.manifest, name="manifest"),
    path("api/status/<uuid:status>/", views.status, name="status"),
    re_path(r"^.*$", views.nothing, name="nothing"),
]
