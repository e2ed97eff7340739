"""The screens of documents."""

from django.urls import path

from clearance.screens import polled

from .views import detail, listing, receiving, register, relabelling, viewer

app_name = "documents"

urlpatterns = [
    path("", listing.index, name="index"),
    path("receive/", receiving.receive, name="receive"),
    path("requests/", relabelling.requests, name="requests"),
    path("requests/<uuid:request_id>/", relabelling.answer, name="answer"),
    path("<uuid:document>/", detail.document, name="document"),
    path("<uuid:document>/state", polled(detail.state), name="state"),
    path("<uuid:document>/versions/add/", receiving.add_version, name="add_version"),
    path("<uuid:document>/versions/<int:number>/", viewer.view, name="view"),
    path("<uuid:document>/versions/<int:number>/pages/<int:page_number>.png", viewer.image, name="image"),
    path("<uuid:document>/versions/<int:number>/download", viewer.download, name="download"),
    path("<uuid:document>/readings/", detail.readings, name="readings"),
    path("<uuid:document>/record/", detail.record, name="record"),
    path("<uuid:document>/relabel/", relabelling.relabel, name="relabel"),
    path("<uuid:document>/register/", register.register, name="register"),
    path("<uuid:document>/register/<uuid:person>/strike/", register.strike, name="strike"),
    path("<uuid:document>/withdraw/", detail.withdraw, name="withdraw"),
]
