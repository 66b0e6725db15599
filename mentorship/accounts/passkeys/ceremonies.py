"""What browsers are asked and what they answer, as Web Authentication has it. The library's door.

A passkey stays with one host name, and works for that alone: that is what makes it worthless to
whoever builds a page that looks like ours. The name is that of `base_url`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeVar
from uuid import UUID

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mentorship.accounts.passkeys.models import Passkey
from mentorship.foundation.errors import Refusal
from mentorship.foundation.settings import Settings

#: The longest answer that is read, in characters. A browser's has one or two thousand.
LONGEST = 20_000
#: Bytes of a credential's id (Web Authentication Level 3, 4).
ID_LENGTH = (16, 1023)
#: How long a browser waits for its person, in milliseconds: as long as the challenge lives.
_PATIENCE = 5 * 60 * 1000

_Answer = TypeVar("_Answer", RegistrationCredential, AuthenticationCredential)


class Unreadable(Refusal):
    sentence = "Your browser sent something that is no passkey. Reload the page and try again."


class NotAdded(Refusal):
    sentence = (
        "That passkey was not added. Your device has to check that it is you, with its PIN, your"
        " fingerprint or your face. Try again."
    )


class NotProven(Refusal):
    sentence = (
        "That passkey did not prove that it is you. Let your device check its PIN, your fingerprint"
        " or your face when it asks, or sign in by mail."
    )


@dataclass(frozen=True)
class Site:
    """Whom passkeys are for: the host name that they stay with, and the pages that may ask."""

    host: str
    origin: str


@dataclass(frozen=True)
class Added:
    """A new passkey, checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    transports: list[str]
    is_synced: bool
    is_backed_up: bool


@dataclass(frozen=True)
class Proof:
    """What a device says of a key of its own; nothing of it is checked yet."""

    answer: AuthenticationCredential

    @property
    def credential_id(self) -> bytes:
        return self.answer.raw_id

    @property
    def user_handle(self) -> bytes | None:
        return self.answer.response.user_handle


@dataclass(frozen=True)
class Proven:
    sign_count: int
    is_backed_up: bool


def site(settings: Settings) -> Site | None:
    """Ours; None where the product has no host name, since passkeys do not work for numbers."""
    try:
        ip_address(settings.host_name)
    except ValueError:
        return Site(settings.host_name, settings.base_url)
    return None


def ask_to_add(
    site: Site, *, challenge: bytes, user_id: UUID, email: str, have: Iterable[Passkey]
) -> str:
    """What the browser is asked to make, as JSON: a key that needs no name typed, and is checked.

    A device that holds one of those they `have` makes no second one.
    """
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Curbside",
        user_id=user_id.bytes,
        user_name=email,
        user_display_name=email,
        challenge=challenge,
        timeout=_PATIENCE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(have),
    )
    return webauthn.options_to_json(options)


def ask_to_prove(site: Site, *, challenge: bytes, among: Iterable[Passkey] = ()) -> str:
    """What the browser is asked to sign, as JSON, with any passkey of ours or one `among` these."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=_PATIENCE,
        allow_credentials=_named(among),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def check_added(site: Site, words: str, *, challenge: bytes) -> Added:
    """Read a new passkey from a browser's answer.

    :raises Unreadable: it is no such answer.
    :raises NotAdded: it was made elsewhere, for something else, or for anybody who passes by.
    """
    answer = _read(parse_registration_credential_json, words)
    made = _or_else(
        NotAdded,
        lambda: webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        ),
    )
    if not ID_LENGTH[0] <= len(made.credential_id) <= ID_LENGTH[1]:
        raise NotAdded
    return Added(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        aaguid=UUID(made.aaguid),
        transports=[way.value for way in answer.response.transports or ()],
        is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=made.credential_backed_up,
    )


def read_proof(words: str) -> Proof:
    """:raises Unreadable: it is no browser's answer."""
    return Proof(_read(parse_authentication_credential_json, words))


def check_proof(site: Site, proof: Proof, *, challenge: bytes, public_key: bytes) -> Proven:
    """See whether the owner of this key has signed just this, here and now.

    :raises NotProven: they have not.
    """
    proven = _or_else(
        NotProven,
        lambda: webauthn.verify_authentication_response(
            credential=proof.answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            # How the count has to move on is our own rule, with words of its own.
            credential_current_sign_count=0,
            require_user_verification=True,
        ),
    )
    return Proven(proven.new_sign_count, proven.credential_backed_up)


def _read(parse: Callable[[str], _Answer], words: str) -> _Answer:
    if len(words) > LONGEST:
        raise Unreadable
    answer = _or_else(Unreadable, lambda: parse(words))
    client = _or_else(Unreadable, lambda: parse_client_data_json(answer.response.client_data_json))
    # The library does not look at it. Nobody asks for our passkeys from within another page.
    if client.cross_origin:
        raise Unreadable
    return answer


_Found = TypeVar("_Found")


def _or_else(refusal: type[Refusal], look: Callable[[], _Found]) -> _Found:
    """Whatever breaks while strange bytes are looked at is a no, and not a fault of ours."""
    try:
        return look()
    except Exception as broken:
        raise refusal from broken


def _named(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id,
            transports=[AuthenticatorTransport(way) for way in one.transports],
        )
        for one in passkeys
    ]
