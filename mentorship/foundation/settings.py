"""Typed settings, from `config/*.toml` and the environment, checked before anything starts."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
ENVIRONMENTS = ("production", "development", "demo", "test")
SECRET_LENGTH = 32


class SettingsError(Exception):
    """The settings cannot be used. The message names every one that is wrong."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting there is; `config/default.toml` says what each one means."""

    environment: str
    database_url: str
    secret_key: str = field(repr=False)
    secret_key_fallbacks: str = field(repr=False)
    base_url: str
    proxy_hops: int
    host: str
    port: int
    workers: int
    threads: int
    send_seconds: int
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_from: str
    mail_in: str
    imap_host: str
    imap_port: int
    imap_security: str
    imap_user: str
    imap_password: str = field(repr=False)
    imap_folder: str
    log_level: str
    log_format: str
    mailbox: str
    feed_hours: int
    feed_days: int
    feed_reach: str
    university_reach: str
    files_url: str
    files_key_id: str
    files_secret: str = field(repr=False)
    security_contact: str
    security_policy: str

    @property
    def secure(self) -> bool:
        """Whether people reach the product over https, so that cookies can insist on it."""
        return self.base_url.startswith("https://")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What signatures are checked with: the key that signs, and those that did before it."""
        return (self.secret_key, *self.secret_key_fallbacks.split())

    @property
    def host_name(self) -> str:
        """The name in `base_url`, without a port: what ids of mails and meetings end with."""
        return urlsplit(self.base_url).hostname or "localhost"


SECRETS = (
    "secret_key",
    "secret_key_fallbacks",
    "database_url",
    "smtp_password",
    "imap_password",
    "files_secret",
)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    :raises SettingsError: something is missing or wrong; all of it, in one message.
    """
    environ = os.environ if environ is None else environ
    environment = environ.get("CURBSIDE_ENV", "production")
    if environment not in ENVIRONMENTS:
        raise SettingsError(
            f"CURBSIDE_ENV is {environment!r}; use one of {', '.join(ENVIRONMENTS)}."
        )
    values = {name: "" for name in SECRETS} | _file("default") | _file(environment)
    unknown = values.keys() - {item.name for item in fields(Settings)}
    if unknown:
        raise SettingsError(f"config/ has settings nobody reads: {', '.join(sorted(unknown))}.")
    wrong = []
    for name, value in values.items():
        if (typed := environ.get(name.upper())) is not None:
            try:
                values[name] = type(value)(typed.strip())
            except ValueError:
                wrong.append(f"{name.upper()} must be a whole number, not {typed!r}")
    settings = Settings(environment=environment, **values)
    wrong += _problems(settings)
    if wrong:
        raise SettingsError("Settings: " + "; ".join(wrong) + ".")
    return settings


def _file(name: str) -> dict:
    return tomllib.loads((CONFIG / f"{name}.toml").read_text("utf-8"))


def _problems(settings: Settings) -> list[str]:
    found = []
    missing = [
        name.upper()
        for name in ("secret_key", "database_url", "base_url", "smtp_host", "mail_from")
        if not getattr(settings, name)
    ]
    if missing:
        found.append(f"missing {', '.join(missing)}")
    if settings.secret_key and len(settings.secret_key) < SECRET_LENGTH:
        found.append(f"SECRET_KEY must have at least {SECRET_LENGTH} characters")
    if any(len(key) < SECRET_LENGTH for key in settings.secret_key_fallbacks.split()):
        found.append(
            f"SECRET_KEY_FALLBACKS must have at least {SECRET_LENGTH} characters each, and none"
            " with a space in it"
        )
    if settings.base_url:
        parts = urlsplit(settings.base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("",):
            found.append("BASE_URL must look like https://curbside.example.org, without a path")
        elif settings.environment == "production" and parts.scheme != "https":
            found.append("BASE_URL must be https in production")
    if settings.database_url and not settings.database_url.startswith("postgres"):
        found.append("DATABASE_URL must be a PostgreSQL address (postgresql://…)")
    if settings.smtp_security not in ("none", "starttls", "tls"):
        found.append("SMTP_SECURITY must be none, starttls or tls")
    found += _problems_of_mail_in(settings)
    if settings.mailbox and settings.environment != "demo":
        found.append("MAILBOX would show everybody's mail to anybody; it is for the demo alone")
    if settings.feed_hours < 1 or settings.feed_days < 1:
        found.append("FEED_HOURS and FEED_DAYS must be 1 or more")
    if settings.send_seconds < 1:
        found.append("SEND_SECONDS must be 1 or more")
    if settings.feed_reach not in ("public", "loopback"):
        found.append("FEED_REACH must be public or loopback")
    elif settings.feed_reach == "loopback" and settings.environment == "production":
        found.append("FEED_REACH must be public in production: feeds could reach this machine")
    if settings.university_reach not in ("public", "loopback"):
        found.append("UNIVERSITY_REACH must be public or loopback")
    elif settings.university_reach == "loopback" and settings.environment == "production":
        found.append(
            "UNIVERSITY_REACH must be public in production: a provider could reach this machine"
        )
    found += _problems_of_files(settings)
    found += _problems_of_security_txt(settings)
    if settings.log_format not in ("json", "text"):
        found.append("LOG_FORMAT must be json or text")
    return found


def _problems_of_files(settings: Settings) -> list[str]:
    if not settings.files_url:
        return []
    url = urlsplit(settings.files_url)
    if url.scheme != "s3" or not url.netloc or url.path.strip("/"):
        return ["FILES_URL must look like s3://bucket?endpoint=https://s3.example.org, or be empty"]
    found = []
    if find_spec("boto3") is None:
        found.append("FILES_URL needs the extra s3 of the package")
    endpoint = parse_qs(url.query).get("endpoint", ["https:"])[-1]
    if settings.environment == "production" and not endpoint.startswith("https:"):
        found.append("the endpoint in FILES_URL must be https in production")
    return found


def _problems_of_security_txt(settings: Settings) -> list[str]:
    found = []
    contact, policy = settings.security_contact, settings.security_policy
    # RFC 9116 takes addresses of these kinds alone, each on a line of its own.
    if contact and not re.fullmatch(r"(mailto:|https://|tel:)[!-~]+", contact):
        found.append("SECURITY_CONTACT must begin with mailto:, https:// or tel:")
    if policy and not re.fullmatch(r"https://[!-~]+", policy):
        found.append("SECURITY_POLICY must begin with https://")
    return found


def _problems_of_mail_in(settings: Settings) -> list[str]:
    if settings.mail_in not in ("", "imap", "pipe"):
        return ["MAIL_IN must be imap, pipe or nothing"]
    found = []
    # A token of 44 characters and a plus go before the @, where 64 are allowed.
    if settings.mail_in and not 0 < settings.mail_from.find("@") <= 19:
        found.append("MAIL_FROM must have at most 19 characters before the @ for MAIL_IN")
    if settings.mail_in == "imap" and not (settings.imap_host and settings.imap_user):
        found.append("MAIL_IN=imap needs IMAP_HOST and IMAP_USER")
    if settings.imap_security not in ("none", "starttls", "tls"):
        found.append("IMAP_SECURITY must be none, starttls or tls")
    elif settings.imap_security == "none" and settings.environment == "production":
        found.append("IMAP_SECURITY must be tls or starttls in production")
    return found
