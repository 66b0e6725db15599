"""What the two agree on, changed by either."""

from dataclasses import asdict
from uuid import UUID

from flask import flash, request
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships import agreements, forms, rhythm
from mentorship.relationships.models import UNDER_WAY
from mentorship.relationships.views import bp
from mentorship.relationships.views.found import called_here, mine, other_of, page, to
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind


@bp.route("/pairings/<uuid:pairing_id>/agreement", methods=["GET", "POST"])
@requires(Permission.PAIRING_AGREE)
def agreement(pairing_id: UUID) -> ResponseReturnValue:
    """Both may change it. Who wrote meanwhile is shown beside, and a human merges."""
    pairing = mine(pairing_id)
    other = other_of(pairing)
    if request.method == "GET" and pairing.state not in UNDER_WAY:
        return to(pairing)
    now = clock.now()
    form, theirs, found = forms.AgreementForm(), None, None
    if request.method == "GET":
        found = agreements.of(pairing.id)
        every = rhythm.every(Kind(pairing.kind), stage=None, on=now.date())
        begin = agreements.starting_point(Kind(pairing.kind), every=every)
        terms, version = found or (begin, 0)
        form.process(data=asdict(terms) | {"version": version})
    elif form.validate_on_submit():
        try:
            agreements.write(
                pairing, form.terms, seen_version=form.version.data, by=current_member, now=now
            )
        except agreements.Overtaken as overtaken:
            form.refuse(overtaken)
            theirs = overtaken.terms
            # The field shows what was sent unless told otherwise; the merge is on top of theirs.
            form.version.raw_data = None
            form.version.data = overtaken.version
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Saved. {called_here(pairing, other)} sees it too.", "good")
            return to(pairing, anchor="agreement")
    return page(
        "agreement", form, pairing, other, theirs=theirs, first=found is None and not theirs
    )
