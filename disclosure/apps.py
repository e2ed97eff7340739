"""The rule of what may be said of many, as a Django app."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "disclosure"
    verbose_name = "集計の公表"
