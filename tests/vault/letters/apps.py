from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "tests.vault.letters"
    label = "vault_tests"
