"""Whether the process lives, and whether it can do its work. For load balancers, in JSON."""

from datetime import timedelta

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from mentorship.foundation import schema
from mentorship.foundation.database import db
from mentorship.web.labels import open_to

#: A worker's sign of life may be this old. It gives one every ten seconds.
WORKER_SEEN = timedelta(seconds=60)

_SEEN = text(
    "SELECT coalesce(max(last_heartbeat) > now() - :seen, false) FROM procrastinate_workers"
)

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@open_to("whatever watches the process: it says that it is there")
def alive() -> ResponseReturnValue:
    return jsonify(ok=True)


@bp.get("/readyz")
@open_to("whatever watches the process: three times yes or no")
def ready() -> ResponseReturnValue:
    checks = {"database": False, "migrations": False, "worker": False}
    try:
        connection = db.session.connection()
        checks["database"] = True
        checks["migrations"] = schema.at_head(connection)
        checks["worker"] = worker_seen()
    except SQLAlchemyError:
        db.session.rollback()
    good = all(checks.values())
    return jsonify(ok=good, **checks), 200 if good else 503


def worker_seen() -> bool:
    """Whether some worker has given a sign of life lately, so that jobs get done."""
    return db.session.execute(_SEEN, {"seen": WORKER_SEEN}).scalar_one()


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
