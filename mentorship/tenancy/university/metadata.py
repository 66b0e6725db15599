"""What a provider says of itself (OpenID Connect Discovery 1.0), and what we believe of it.

Such a document comes from outside and tells a client where to send secrets. So it has to be the
one of the issuer that was asked (4.3), only the names that are known here are read, and of the ways
it offers those that are safe are taken. Pure, but for the network.
"""

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from mentorship.foundation import outbound
from mentorship.foundation.outbound import PUBLIC, Reach, Why
from mentorship.tenancy.university import wire

#: Signatures that only the provider can make (RFC 7518): neither "none" nor a shared secret.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
#: Key types of those.
_KEY_TYPES = ("RSA", "EC", "OKP")
#: The least that an RSA key may have (RFC 7518, 3.3); of a shorter one, joserfc only warns.
_BITS = 2048
#: Keys of one provider; real ones have two or three.
_MOST_KEYS = 50
_AT = "/.well-known/openid-configuration"


class Step(StrEnum):
    """The steps of finding a provider, in their order."""

    ISSUER = auto()
    DOCUMENT = auto()
    SAME_ISSUER = auto()
    ENDPOINTS = auto()
    PKCE = auto()
    ALGORITHM = auto()
    CLIENT = auto()
    KEYS = auto()
    SECRET = auto()


class Wrong(Exception):
    """A provider cannot be used as it is. The message is a sentence for whoever set it up."""

    def __init__(self, step: Step, sentence: str) -> None:
        super().__init__(sentence)
        self.step = step


@dataclass(frozen=True)
class Metadata:
    """What is believed of a provider."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    """Nothing where the provider does not say."""
    names_itself: bool
    """Whether answers say which issuer they are of (RFC 9207)."""
    algorithms: tuple[str, ...]
    client_auth: str


def read(issuer: str, *, reach: Reach = PUBLIC) -> Metadata:
    """What the provider with this issuer says of itself, as far as it can be believed.

    :raises Wrong: something is not as it has to be; the sentence says what.
    """
    if not 0 < len(issuer) <= outbound.LONGEST or "?" in issuer or "#" in issuer:
        raise Wrong(Step.ISSUER, "An issuer is an address like https://login.example.edu.")
    said = _fetched(issuer.rstrip("/") + _AT, Step.DOCUMENT, "The provider", reach)
    if said.get("issuer") != issuer:
        raise Wrong(
            Step.SAME_ISSUER,
            f"The provider calls itself {_shown(said.get('issuer'))}, and you typed {issuer}."
            " The two have to be the same, letter for letter.",
        )
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_endpoint(said, "authorization_endpoint", reach),
        token_endpoint=_endpoint(said, "token_endpoint", reach),
        jwks_uri=_endpoint(said, "jwks_uri", reach),
        userinfo_endpoint=_endpoint(said, "userinfo_endpoint", reach, needed=False),
        end_session_endpoint=_endpoint(said, "end_session_endpoint", reach, needed=False),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        algorithms=_algorithms(said),
        client_auth=_client_auth(said),
    )


def keys(metadata: Metadata, *, reach: Reach = PUBLIC) -> dict[str, list[dict[str, Any]]]:
    """The provider's public keys, without those of a kind that nobody here would use.

    :raises Wrong: they cannot be had, or none of them can be used.
    """
    said = _fetched(metadata.jwks_uri, Step.KEYS, "The address of the keys", reach)
    given = said.get("keys")
    found = [each for each in given if _usable(each)] if isinstance(given, list) else []
    if not found:
        raise Wrong(
            Step.KEYS,
            "The provider has no key for its signatures that can be used. An RSA key needs"
            f" {_BITS} bits.",
        )
    return {"keys": found[:_MOST_KEYS]}


def _fetched(address: str, step: Step, whose: str, reach: Reach) -> dict[str, Any]:
    try:
        return wire.get_json(address, reach=reach)
    except outbound.Trouble as no:
        first = Step.ISSUER if no.why in _OF_THE_ADDRESS and step is Step.DOCUMENT else step
        raise Wrong(first, sentence(no.why, whose)) from None
    except wire.NotAsExpected as no:
        raise Wrong(step, f"{whose} answered {address} with the status {no.status}.") from None
    except wire.NotJson:
        raise Wrong(step, f"{whose} answered {address} with something that is not JSON.") from None


_OF_THE_ADDRESS = (Why.FORM, Why.SCHEME, Why.PASSWORD, Why.PORT, Why.NOT_PUBLIC, Why.NO_NAME)
_SENTENCES = {
    Why.FORM: "{} has an address that cannot be read.",
    Why.SCHEME: "{} has an address that does not begin with https://.",
    Why.PASSWORD: "{} has an address with a name or password before an @.",
    Why.PORT: "{} has an address with a port. Only the usual one of https is asked.",
    Why.NOT_PUBLIC: "{} is not on the public internet.",
    Why.TOO_LARGE: "{} answered with more than can be meant.",
    Why.ENCODING: "{} answered in a form that cannot be read.",
    Why.NO_NAME: "{} has a name that no server has (DNS). Look for a typo.",
    Why.SLOW: f"{{}} did not answer within {wire.SECONDS:.0f} seconds.",
    Why.CERTIFICATE: "{} cannot prove who it is: its certificate (TLS) is not valid.",
    Why.UNREADABLE: "{} gave an answer that cannot be read.",
    Why.CUT_OFF: "{} stopped in the middle of its answer.",
    Why.UNREACHABLE: "{} cannot be reached: nothing answers at its address.",
}


def sentence(why: Why, whose: str) -> str:
    """Why something was not to be had, in words for whoever sets a provider up."""
    return _SENTENCES[why].format(whose)


def _endpoint(said: dict[str, Any], name: str, reach: Reach, *, needed: bool = True) -> str:
    address = said.get(name)
    if address is None and not needed:
        return ""
    if not isinstance(address, str) or not address:
        raise Wrong(Step.ENDPOINTS, f"The provider does not say its {name}.")
    try:
        outbound.place(address, reach)
    except outbound.Trouble as no:
        raise Wrong(Step.ENDPOINTS, sentence(no.why, f"The provider’s {name}")) from None
    return address


def _algorithms(said: dict[str, Any]) -> tuple[str, ...]:
    # RS256 is what every provider has to offer (OpenID Connect Discovery 1.0, 3).
    offered = said.get("id_token_signing_alg_values_supported", ["RS256"])
    if "S256" not in _listed(said.get("code_challenge_methods_supported", ["S256"])):
        raise Wrong(Step.PKCE, "The provider does not offer PKCE with S256, which is needed.")
    found = tuple(each for each in ALGORITHMS if each in _listed(offered))
    if not found:
        raise Wrong(
            Step.ALGORITHM,
            f"The provider signs with {_shown(', '.join(_listed(offered)))} only. It has to offer"
            f" one of {', '.join(ALGORITHMS)}.",
        )
    return found


def _client_auth(said: dict[str, Any]) -> str:
    offered = _listed(said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]))
    for method in ("client_secret_basic", "client_secret_post"):
        if method in offered:
            return method
    raise Wrong(Step.CLIENT, "The provider does not let a client prove itself by a secret.")


def _listed(given: Any) -> list[str]:
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def _usable(key: Any) -> bool:
    """Whether it is a public key that can sign, and that nobody else can work out."""
    if not isinstance(key, dict) or key.get("kty") not in _KEY_TYPES or key.get("use") == "enc":
        return False
    try:
        if key["kty"] == "RSA" and _bits(key["n"]) < _BITS:
            return False
        JWKRegistry.import_key(key)
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return True


def _bits(modulus: str) -> int:
    """How long a number is that is written as JOSE writes it (RFC 7518, 2)."""
    return int.from_bytes(urlsafe_b64decode(modulus + "==")).bit_length()


def _shown(given: Any) -> str:
    text = given if isinstance(given, str) and given else "nothing"
    return text if len(text) <= 200 else text[:199] + "…"
