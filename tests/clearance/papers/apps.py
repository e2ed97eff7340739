from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "tests.clearance.papers"
    label = "papers"
