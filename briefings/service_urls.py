"""Addresses of machine accounts, and of what machines sent in."""

from django.urls import path

from .views import services

urlpatterns = [
    path("service-accounts/", services.accounts, name="service_accounts"),
    path("service-accounts/add/", services.account_add, name="service_account_add"),
    path("service-accounts/<uuid:account>/", services.account, name="service_account"),
    path("service-accounts/<uuid:account>/revoke/", services.account_revoke, name="service_account_revoke"),
    path("service-accounts/<uuid:account>/token/", services.token_add, name="service_token_add"),
    path("service-tokens/<uuid:machine_token>/rotate/", services.token_rotate, name="service_token_rotate"),
    path("service-tokens/<uuid:machine_token>/revoke/", services.token_revoke, name="service_token_revoke"),
    path("submissions/", services.submissions, name="service_submissions"),
    path("submissions/<uuid:submitted>/draft/", services.submission_draft, name="service_submission_draft"),
    path("submissions/<uuid:submitted>/refuse/", services.submission_refuse, name="service_submission_refuse"),
    path("submissions/<uuid:submitted>/answer/", services.submission_answer, name="service_submission_answer"),
]
