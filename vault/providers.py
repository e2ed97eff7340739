"""The one provider of this process: a file (`vault.root_file`) or a PKCS#11 token (`vault.tokens`)."""

from __future__ import annotations

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from vault.root_file import FileProvider
from vault.roots import (
    ID_SIZE,
    KEY_SIZE,
    NONCE_SIZE,
    Generations,
    KeyProvider,
    KeyProviderUnavailable,
    generation_of,
)
from vault.tokens import Pkcs11Provider

__all__ = [
    "ID_SIZE",
    "KEY_SIZE",
    "NONCE_SIZE",
    "FileProvider",
    "Generations",
    "KeyProvider",
    "KeyProviderUnavailable",
    "Pkcs11Provider",
    "generation_of",
    "provider",
]


@cache
def provider() -> KeyProvider:
    """The provider named by `settings.VAULT_PROVIDER`; raises `KeyProviderUnavailable`, and is then asked anew."""
    return cast("KeyProvider", import_string(settings.VAULT_PROVIDER)())
