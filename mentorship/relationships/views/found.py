"""What every page about a pairing needs: whose it is, how the other is called, and the way back."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.relationships.models import Pairing
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member
from mentorship.tenancy.members import Member
from mentorship.web.filters import called
from mentorship.web.forms import Form


def mine(pairing_id: UUID, *, for_update: bool = False) -> Pairing:
    """The reader's pairing; with `for_update`, whoever posts has it alone until the answer."""
    alone = for_update and request.method == "POST"
    return my_pairing(pairing_id, member=current_member, for_update=alone)


def page(
    name: str, form: Form, pairing: Pairing, other: Member, **facts: Any
) -> ResponseReturnValue:
    """A page with one form about a pairing: `templates/relationships/<name>.html`."""
    words = render_template(
        f"relationships/{name}.html",
        form=form,
        pairing=pairing,
        other=other,
        called=called_here(pairing, other),
        **facts,
    )
    return words, form.status


def other_of(pairing: Pairing) -> Member:
    i_mentor = pairing.mentor_id == current_member.id
    return people.member(pairing.mentee_id if i_mentor else pairing.mentor_id)


def called_here(pairing: Pairing, other: Member) -> str:
    return called(other.name, mentor=other.id == pairing.mentor_id)


def to(pairing: Pairing, anchor: str = "") -> ResponseReturnValue:
    target = url_for("chapter.insights.pairing", pairing_id=pairing.id, _anchor=anchor or None)
    return redirect(target, 303)
