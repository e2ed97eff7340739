"""The pages of the anonymous side; portal/intake_urls.py takes them in twice, once for each language."""

from django.urls import path

from intake import views, views_returning, views_writing

app_name = "intake"
urlpatterns = [
    path("", views.start, name="start"),
    path("rights/", views.rights, name="rights"),
    path("write/", views_writing.write, name="write"),
    path("check/", views_writing.check, name="check"),
    path("sent/", views_writing.sent, name="sent"),
    path("return/", views_returning.back, name="return"),
    path("conversation/", views_returning.conversation, name="conversation"),
    path("proof/", views_returning.proof, name="proof"),
]
