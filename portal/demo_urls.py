"""The demo's one-click sign-in; included by `embedded_urls` alone."""

from django.urls import path

from portal import demo

app_name = "demo"

urlpatterns = [
    path("", demo.index, name="index"),
    path("sign-in/", demo.sign_in, name="sign_in"),
    path("step-up/", demo.step_up, name="step_up"),
]
