"""The wiring: the one place that knows every feature, and does nothing else."""

import hashlib
from functools import partial
from urllib.parse import urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from sqlalchemy.pool import Pool
from werkzeug.middleware.proxy_fix import ProxyFix

import mentorship.audit.models
import mentorship.notifications.models
import mentorship.scheduling.endings
import mentorship.scheduling.leaving
import mentorship.weekly.monday  # noqa: F401  these five act by being known
from mentorship.accounts import sign_in
from mentorship.accounts import views as accounts
from mentorship.files import views as files
from mentorship.foundation import rates, schema
from mentorship.foundation import settings as config
from mentorship.foundation.database import as_role, db
from mentorship.foundation.settings import ROOT, Settings
from mentorship.insights import views as insights
from mentorship.insights.trail import views as trail
from mentorship.matching import views as matching
from mentorship.notifications import views as notifications
from mentorship.own_data import views as own_data
from mentorship.profiles import views as profiles
from mentorship.relationships import views as relationships
from mentorship.safety import views as safety
from mentorship.scheduling import views as scheduling
from mentorship.tenancy import access, navigation
from mentorship.tenancy import views as tenancy
from mentorship.tenancy.running import views as running
from mentorship.tenancy.university import relying
from mentorship.tenancy.university import views as university
from mentorship.web import (
    components,
    filters,
    headers,
    health,
    limits,
    logs,
    problems,
    transaction,
    well_known,
)
from mentorship.web.gateway import Gateway
from mentorship.weekly import views as weekly


class _SignedCookie(SecureCookieSessionInterface):
    """Flask's own, signed with what is not about to be given up."""

    digest_method = staticmethod(hashlib.sha256)


def create_app(settings: Settings | None = None, *, pool: type[Pool] | None = None) -> Flask:
    """The product, ready to serve. Settings come from the environment unless they are given.

    :raises SettingsError: the environment lacks something.
    """
    settings = settings or config.load()
    if settings.environment != "test":
        logs.set_up(settings)
    app = Flask(
        "mentorship",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "mentorship" / "web" / "static"),
    )
    app.config.update(_flask_config(settings, pool))
    app.session_interface = _SignedCookie()
    # Flask means it to be replaced, though a checker sees a method.
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app,
        x_for=settings.proxy_hops,
        x_proto=settings.proxy_hops,
        x_host=settings.proxy_hops,
    )
    db.init_app(app)
    rates.use(settings.secret_key)
    relying.make_room(settings.threads)
    # What is registered first sees the request first and the answer last: whatever is refused
    # has an id, and the commit comes before the log line.
    logs.init_app(app)
    limits.init_app(app)
    guard = CSRFProtect(app)
    headers.init_app(app, settings)
    transaction.init_app(app)
    sign_in.init_app(app)
    problems.init_app(app)
    for part in (filters, components, access, navigation, health, well_known):
        part.init_app(app)
    _add_pages(app, guard)
    access.insist_on_labels(app)
    return app


def served() -> Gateway:
    """The product as each process of the server runs it.

    :raises SettingsError: the environment lacks something.
    """
    settings = config.load()
    app = create_app(settings)
    return Gateway(
        app,
        threads=settings.threads,
        seconds=settings.send_seconds,
        most=partial(limits.most, app),
    )


def _add_pages(app: Flask, guard: CSRFProtect) -> None:
    for pages in (accounts.bp, tenancy.bp, university.doors, running.network, own_data.account):
        app.register_blueprint(pages)
    rooms = (
        *(insights, weekly, profiles, files, relationships),
        *(scheduling, matching, safety, notifications, own_data, running, university, trail),
    )
    app.register_blueprint(access.chapter_door([room.bp for room in rooms]))
    app.register_blueprint(scheduling.answers)
    # Mail programs post there, and have no token: the address is signed.
    guard.exempt(notifications.stopping)
    app.register_blueprint(notifications.stopping)
    app.register_blueprint(relationships.links)
    if app.config["SETTINGS"].mailbox:
        app.register_blueprint(notifications.mailbox)


def _flask_config(settings: Settings, pool: type[Pool] | None) -> dict:
    base = urlsplit(settings.base_url)
    database = as_role(settings.database_url, schema.ROLE)
    # Errors of the database are logged; what people wrote is not.
    engine = {"pool_recycle": 1800, "hide_parameters": True}
    sizes = {"pool_size": settings.threads, "max_overflow": 2}
    # Apart, since a request that counts has its own connection already: of one pool, everybody
    # could wait for everybody else's second one.
    counting = {"url": database, "isolation_level": "AUTOCOMMIT", **engine}
    few = {"pool_size": 1, "max_overflow": 1}
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secrets[1:]),
        "SERVER_NAME": base.netloc,
        "PREFERRED_URL_SCHEME": base.scheme,
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": engine | ({"poolclass": pool} if pool else sizes),
        "SQLALCHEMY_BINDS": {rates.BIND: counting | ({"poolclass": pool} if pool else few)},
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        # Pages that a mail leads to send no Referer, since their address is a key. The token
        # alone proves a form to be ours: no other site can set a cookie named __Host-.
        "WTF_CSRF_SSL_STRICT": False,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure else "session",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SIGN_IN_COOKIE_NAME": "__Host-sign-in" if settings.secure else "sign-in",
        "KNOWN_COOKIE_NAME": "__Host-known" if settings.secure else "known",
        # Nobody is remembered by a cookie besides the session, so none may be read: a name that no
        # cookie can have.
        "REMEMBER_COOKIE_NAME": ";",
        "TEMPLATES_AUTO_RELOAD": settings.environment == "development",
    }
