"""The person's own pages."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.profile, name="profile"),
    path("security/", views.security, name="security"),
    path("security/end-session/", views.end_session, name="end_session"),
    path("present/", views.present, name="present"),
    path("organisation/", views.organisation, name="organisation"),
    path("step-up/", views.step_up, name="step_up"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
]
