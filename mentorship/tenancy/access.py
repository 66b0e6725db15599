"""The chapter's door. Every page of a chapter hangs behind it: /c/<chapter>/…

The door turns the slug into a chapter, raises the wall, finds the member, and checks the
permission that the page is labelled with. A page without a label keeps the app from starting.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from werkzeug.local import LocalProxy

from mentorship.accounts import sign_in
from mentorship.audit import trail
from mentorship.foundation import clock, rates, scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.tenancy import mail_links, queries, submissions
from mentorship.tenancy.mail_links import Claim
from mentorship.tenancy.members import ChapterCard, Member, Visitor
from mentorship.tenancy.models import SupportDeed
from mentorship.tenancy.roles import Permission, Reach
from mentorship.web import limits
from mentorship.web.labels import open_to
from mentorship.web.transaction import READS

View = TypeVar("View", bound=Callable)

#: What a page says of who may open it: one of these.
LABELS = ("permission", "signed_in", "open_to")
#: What is entered where an address leads to no chapter: the same questions are asked as of one
#: that others belong to, and nobody is told by time which of the two it is.
NO_CHAPTER = UUID(int=0)
STATIC = "anybody: style sheets, scripts and pictures, the same for everybody"

# A proxy passes for what it stands for, and its type does not say so.
current_member: Member = LocalProxy(lambda: current_user.member)  # type: ignore[assignment]
current_chapter: ChapterCard = LocalProxy(lambda: current_user.chapter)  # type: ignore[assignment]


def requires(permission: Permission) -> Callable[[View], View]:
    """Label a page with the permission that opens it. The door does the checking."""

    def label(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]  # functions take any attribute
        return view

    return label


def init_app(app: Flask) -> None:
    """Let Flask-Login find the visitor: one statement, whatever the page."""
    manager = LoginManager(app)

    # It would tie a session to a network, and phones change theirs all day.
    manager.session_protection = None

    @manager.request_loader
    def load(_: Request) -> Visitor | None:
        token, now = sign_in.held(), clock.now()
        visitor = token and queries.visitor(token, chapter_id=g.get("chapter_id"), now=now)
        if not visitor:
            return None
        sign_in.used(visitor.session, now=now)
        return visitor


def chapter_door(pages: Iterable[Blueprint]) -> Blueprint:
    """A blueprint that holds the given pages behind the door."""
    door = Blueprint("chapter", __name__, url_prefix="/c/<chapter_slug>")
    for page in pages:
        door.register_blueprint(page)

    @door.url_value_preprocessor
    def take_slug(_: str | None, values: dict | None) -> None:
        g.chapter_slug = values.pop("chapter_slug") if values else ""

    @door.url_defaults
    def keep_slug(_: str, values: dict) -> None:
        values.setdefault("chapter_slug", g.get("chapter_slug"))

    door.before_request(_open_or_not)
    door.before_request(_count)
    door.before_request(_once)
    door.after_request(_remember_answer)
    return door


def insist_on_labels(app: Flask) -> None:
    """Refuse to start with a page that does not say what opens it, and to whom."""
    open_to(STATIC)(app.view_functions["static"])
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        said = [label for label in LABELS if hasattr(view, label)]
        # Behind the door, a permission opens a page and nothing else does.
        behind = rule.endpoint.startswith("chapter.")
        if len(said) != 1 or behind != ("permission" in said):
            raise RuntimeError(f"{rule.endpoint} does not say, once, what opens it and to whom")


def _open_or_not() -> ResponseReturnValue | None:
    g.chapter_id = queries.chapter_id(g.chapter_slug) or NO_CHAPTER
    scope.enter(g.chapter_id)
    if not current_user.is_authenticated:
        going = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(url_for("accounts.sign_in", next=going or None))
    # For a stranger, a chapter they do not belong to does not exist.
    if current_user.member is None:
        if current_user.was_in:
            return render_template("tenancy/out.html", chapter_name=current_user.was_in), 404
        raise NotYours
    permission = _label_of(request.endpoint)
    if permission is None or not current_user.member.may(permission):
        abort(403)
    if current_user.member.reach is not None:
        _watch(current_user.member)
    return sign_in.confirm_first()


def _watch(visitor: Member) -> None:
    """Whoever helps by consent leaves a trace of each page, and changes only what they may."""
    if visitor.reach is Reach.READS and request.method not in READS:
        abort(403)
    page = uuid5(NAMESPACE_URL, request.path)
    trail.saw(SupportDeed.LOOKED, page, by=visitor, now=clock.now(), page=request.path)


def _label_of(endpoint: str | None) -> Permission | None:
    return getattr(current_app.view_functions.get(endpoint or ""), "permission", None)


def _count() -> None:
    """What changes something counts for whoever does it, once they may open the page."""
    if request.method not in READS:
        limits.count(rates.ACTS)


def _once() -> ResponseReturnValue | None:
    """Answer a form that was sent before as it was answered then."""
    # Uploads carry no key: what they do is the same however often it is done.
    if request.method != "POST" or request.files or not request.form.get("form_key"):
        return None
    body = sorted(
        (name, value)
        for name, values in request.form.lists()
        if name != "csrf_token"
        for value in values
    )
    sent = f"{current_member.id} {request.path} {body!r}"
    g.submission = hashlib.sha256(sent.encode("utf-8", "surrogatepass")).hexdigest()
    answered = submissions.begin(g.submission, now=clock.now())
    return None if answered is None else redirect(answered, 303)


def speaks_for(token: str, *, purpose: str, now: datetime) -> tuple[Claim, Member]:
    """Enter the chapter of a link from a mail, as the member it speaks for, signed in or not.

    :raises tokens.BadToken: it is not ours, or was changed.
    :raises mail_links.PastItsTime: it was good, once.
    :raises NotYours: they have left, or somebody else is signed in here.
    """
    visitor = current_user.user_id if current_user.is_authenticated else None
    secrets = current_app.config["SETTINGS"].secrets
    claim = mail_links.read(token, purpose=purpose, secret=secrets, now=now)
    db.session.rollback()  # whatever was looked up before has no chapter
    scope.enter(claim.chapter_id)
    member = mail_links.still_here(claim.member_id)
    if visitor not in (None, member.user_id):
        raise NotYours
    return claim, member


def only_looking() -> None:
    """Say that this post changes nothing: it is answered with a page, as often as it comes.

    So that somebody without the script may look at other choices and keep what they typed.
    """
    g.pop("submission", None)
    db.session.rollback()


def _remember_answer(response: Response) -> Response:
    if digest := g.get("submission"):
        if response.status_code in (302, 303):
            submissions.settle(digest, location=response.location)
        elif response.status_code < 400:
            db.session.rollback()
            raise RuntimeError("a form with a one-time key must answer with a redirect")
    return response
