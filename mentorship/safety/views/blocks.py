"""Stopping contact with somebody, and lifting that: from any page about a person."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts, pairings
from mentorship.safety import queries
from mentorship.safety.views import bp
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.web.forms import Form


@bp.route("/people/<uuid:member_id>/block", methods=["GET", "POST"])
@requires(Permission.PERSON_BLOCK)
def block(member_id: UUID) -> ResponseReturnValue:
    """Ask once more, then stop all contact; once it is stopped, the way to lift that."""
    other, form = _other(member_id), Form()
    if form.validate_on_submit():
        pairings.part(other=other, by=current_member, now=clock.now())
        flash(f"Contact with {other.name} has stopped. They are not told of it.", "good")
        return redirect(url_for(".concerns", _anchor="blocks"), 303)
    since = queries.blocked_since(other.id, member=current_member)
    page = render_template("safety/block.html", form=form, other=other, since=since)
    return page, form.status


@bp.post("/people/<uuid:member_id>/unblock")
@requires(Permission.PERSON_BLOCK)
def lift(member_id: UUID) -> ResponseReturnValue:
    other = _other(member_id)
    conflicts.lift(other=other, by=current_member, now=clock.now())
    flash(f"Your block is lifted. Nothing has begun anew with {other.name}.", "good")
    return redirect(url_for(".concerns", _anchor="blocks"), 303)


def _other(member_id: UUID) -> Member:
    if member_id == current_member.id:
        raise NotYours
    return people.member(member_id)
