"""Addresses of everybody's own notifications."""

from django.urls import path

from .views import hooks

urlpatterns = [
    path("hooks/", hooks.hooks, name="hooks"),
    path("hooks/mail/", hooks.wish, name="hook_wish"),
    path("hooks/add/", hooks.hook_add, name="hook_add"),
    path("hooks/<uuid:hook>/", hooks.hook, name="hook"),
    path("hooks/<uuid:hook>/change/", hooks.hook_change, name="hook_change"),
    path("hooks/<uuid:hook>/rotate/", hooks.hook_rotate, name="hook_rotate"),
    path("hooks/<uuid:hook>/state/", hooks.hook_state, name="hook_state"),
    path("hooks/<uuid:hook>/test/", hooks.hook_test, name="hook_test"),
    path("hooks/<uuid:hook>/drop/", hooks.hook_drop, name="hook_drop"),
    path("hooks/deliveries/<uuid:delivery>/resend/", hooks.resend, name="hook_resend"),
]
