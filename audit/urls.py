"""The auditor's addresses."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.index, name="index"),
    path("export.csv", views.export, name="export"),
    path("seal/", views.seal, name="seal"),
    path("seal/head.json", views.head, name="head"),
    path("<uuid:event>/", views.event, name="event"),
]
