"""A passkey in software: registers and signs as a browser's authenticator would, with or without verifying its user."""

from __future__ import annotations

import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "http://localhost:8000"
FLAG = AuthenticatorData.FLAG


class Passkey:
    """One key pair. `verifies`: whether it says that it has verified its user."""

    def __init__(self, *, verifies: bool = True, rp_id: str = "localhost", origin: str = ORIGIN) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.verifies, self.rp_id, self.origin = verifies, rp_id, origin

    def register(self, client: Client) -> str:
        """The credential a browser would post to the registration form now open in the client's session."""
        public = ES256.from_cryptography_key(self.private.public_key())
        data = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        auth_data = self._auth_data(FLAG.AT, credential_data=data)
        attestation = AttestationObject.create("none", auth_data, {})
        return self._credential(
            client,
            CollectedClientData.TYPE.CREATE,
            {"attestationObject": websafe_encode(attestation), "transports": ["internal"]},
            {"credProps": {"rk": True}},
        )

    def sign(self, client: Client, *, user: str = "") -> str:
        """The credential a browser would post to the sign-in form now open in the client's session."""
        client_data = self._client_data(client, CollectedClientData.TYPE.GET)
        auth_data = self._auth_data(FLAG(0))
        signature = self.private.sign(auth_data + client_data.hash, ec.ECDSA(SHA256()))
        handle = {"userHandle": websafe_encode(user.encode())} if user else {}
        return self._credential(
            client,
            CollectedClientData.TYPE.GET,
            {"authenticatorData": websafe_encode(auth_data), "signature": websafe_encode(signature), **handle},
            {},
        )

    def _auth_data(self, flags: FLAG, **extra: Any) -> AuthenticatorData:
        flags |= FLAG.UP | (FLAG.UV if self.verifies else FLAG(0))
        return AuthenticatorData.create(sha256(self.rp_id.encode()), flags, 0, **extra)

    def _client_data(self, client: Client, kind: str) -> CollectedClientData:
        challenge = client.session["mfa.webauthn.state"]["challenge"]
        return CollectedClientData.create(kind, challenge, self.origin)

    def _credential(self, client: Client, kind: str, response: dict[str, Any], extensions: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.credential_id),
                "rawId": websafe_encode(self.credential_id),
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": extensions,
                "response": {"clientDataJSON": websafe_encode(self._client_data(client, kind)), **response},
            }
        )
