"""Passkeys are sealed to their person when registered: a row written by anybody else is none.

The table holds public keys only, so there is no secret to read; but SQL injected into the web role could add its own
key to somebody's account. The seal, which only the portal's process can make, is checked at each use.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from typing import Any

from allauth.mfa.models import Authenticator

from vault import Unreadable
from vault.boxes import Box


def seal(authenticator: Authenticator) -> None:
    """Set the seal on a passkey about to be stored."""
    sealed = Box("passkey").seal(_digest(authenticator.data["credential"]), str(authenticator.user_id).encode())
    authenticator.data["seal"] = b64encode(sealed).decode()


def genuine(authenticator: Authenticator) -> bool:
    """Whether this passkey was registered here, for this very person."""
    try:
        opened = Box("passkey").open(b64decode(authenticator.data.get("seal", "")), str(authenticator.user_id).encode())
    except (Unreadable, ValueError):
        return False
    return opened == _digest(authenticator.data["credential"])


def _digest(credential: Any) -> bytes:
    return hashlib.sha256(json.dumps(credential, sort_keys=True).encode()).digest()
