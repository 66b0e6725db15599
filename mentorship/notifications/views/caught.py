"""The demo's mailbox: what its mail server has taken, as pages. Never in production."""

from pathlib import Path

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from mentorship.notifications import mailbox as caught
from mentorship.notifications.views import mailbox
from mentorship.web import headers
from mentorship.web.labels import open_to

#: A mail brings its own styles, and its links open outside the frame it is shown in.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
)


def _folder() -> Path:
    return Path(current_app.config["SETTINGS"].mailbox)


@mailbox.get("/")
@open_to("anybody on this machine, where the product is tried out: no mail leaves it")
def newest() -> ResponseReturnValue:
    to = request.args.get("to", "").strip()
    mails = caught.newest(_folder(), to=to)
    return render_template("notifications/mailbox.html", mails=mails, to=to)


@mailbox.get("/<key>")
@open_to("anybody on this machine, where the product is tried out: no mail leaves it")
def one(key: str) -> ResponseReturnValue:
    mail = caught.one(_folder(), key) or abort(404)
    page = render_template("notifications/mail.html", mail=mail)
    return page, {"Content-Security-Policy": f"{headers.POLICY}; frame-src 'self'"}


@mailbox.get("/<key>/html")
@open_to("anybody on this machine, where the product is tried out: no mail leaves it")
def html(key: str) -> ResponseReturnValue:
    mail = caught.one(_folder(), key) or abort(404)
    opened = mail.html.replace("<head>", '<head><base target="_top">', 1)
    return Response(opened, headers={"Content-Security-Policy": _MAIL_POLICY})
