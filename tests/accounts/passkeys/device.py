"""A device that holds passkeys, as far as a server can tell: it answers what a browser would.

It does as it is told, and so can be made to answer what no honest one would.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

#: The flags of an answer (Web Authentication, 6.1): present, verified, may be copied, was copied,
#: and a key is attached.
PRESENT, VERIFIED, MAY_BE_COPIED, WAS_COPIED, WITH_KEY = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Device:
    """Holds one key, of one page and one host, and says with it what its flags are set to."""

    origin: str = "http://localhost"
    host: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    """How often it has signed; one that stays at 0 does not count."""
    more: dict[str, Any] = field(default_factory=dict)
    """What else it puts into what the browser says of the page."""
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create()` gives, for these options."""
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        attached = (
            bytes(16)
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + self._public_key()
        )
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(WITH_KEY) + attached,
        }
        answer = self._answer(
            clientDataJSON=self._client("webauthn.create", options["challenge"]),
            attestationObject=cbor2.dumps(attestation),
        )
        answer["response"]["transports"] = ["internal", "hybrid"]
        return answer

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get()` gives, for these options."""
        if self.count:
            self.count += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data()
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            userHandle=self.user_handle,
        )

    def _data(self, more: int = 0) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.more).encode()

    def _public_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, **response: bytes) -> dict[str, Any]:
        named = bytes_to_base64url(self.credential_id)
        return {
            "id": named,
            "rawId": named,
            "type": "public-key",
            "response": {name: bytes_to_base64url(value) for name, value in response.items()},
            "clientExtensionResults": {},
        }
