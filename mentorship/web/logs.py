"""Structured logs: one line a request, and the request's id on every line that it causes.

Nothing personal is in them: no addresses, no tokens, nothing that somebody wrote. Of an error
they keep where it happened and the first line of what it says; a database quotes whole rows
in the lines after that.
"""

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from secrets import token_hex

from flask import Flask, Response, g, has_request_context, request

from mentorship.foundation.settings import Settings
from mentorship.web.redaction import discreet, discreet_error, discreet_value

log = logging.getLogger("mentorship.request")

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as one line of JSON, with whatever was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "says": discreet(record.getMessage()),
        } | _extra(record)
        if record.exc_info and record.exc_info[1]:
            line["error"] = _story(record.exc_info[1])
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        extra = " ".join(f"{name}={value}" for name, value in _extra(record).items())
        says = discreet(record.getMessage())
        text = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname:7} {says} {extra}"
        if record.exc_info and record.exc_info[1]:
            text += "\n" + _story(record.exc_info[1])
        return text.rstrip()


class WithoutFacts(logging.Filter):
    """Keeps the facts of jobs, which are about people, out of the queue library's own lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("procrastinate"):
            return True
        for fact in record.__dict__.keys() - _PLAIN - {"action"}:
            del record.__dict__[fact]
        # How a job ended is said by the worker, in a line of ours.
        action = str(getattr(record, "action", ""))
        return "job" not in action and "defer" not in action


def set_up(settings: Settings) -> None:
    """Send every log of this process to standard error, in the settings' form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    handler.addFilter(WithoutFacts())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    # What libraries say when they are asked for everything is what travels: headers, tokens, rows.
    logging.root.setLevel(max(logging.root.level, logging.INFO))
    logging.getLogger("mentorship").setLevel(settings.log_level)
    # Their info lines repeat ours, and one of them prints the arguments of jobs.
    for noisy in ("procrastinate", "alembic", "_granian", "mail.log", "urllib3", "authlib"):
        logging.getLogger(noisy).setLevel("WARNING")


def init_app(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id, g.began = token_hex(8), time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        if request.endpoint != "static":
            log.info(
                "request",
                extra={
                    "method": request.method,
                    # The rule, not the path: paths may hold one-time tokens.
                    "route": request.url_rule.rule if request.url_rule else "(none)",
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - g.began) * 1000, 1),
                    "chapter": g.get("chapter_slug"),
                },
            )
        return response


def request_id() -> str:
    """The id that this request's log lines carry, to be shown on its error page."""
    return g.get("request_id", "") if has_request_context() else ""


def _story(error: BaseException) -> str:
    """Where an error happened and what it was, with whatever caused it, the cause first."""
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        first, *_ = str(link).splitlines() or [""]
        told = f"{type(link).__qualname__}: {discreet_error(first)}".rstrip(": ")
        lines.insert(0, "".join(traceback.format_tb(link.__traceback__)) + told)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n\n".join(lines)


def _extra(record: logging.LogRecord) -> dict:
    extra = {
        name: discreet_value(name, value)
        for name, value in record.__dict__.items()
        if name not in _PLAIN and value is not None
    }
    return extra | ({"request": request_id()} if request_id() else {})
