"""Whom to call, and showing that to somebody whose words suggest that it may be needed."""

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.safety import forms, resources, signs
from mentorship.safety.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission

#: The category of the message that names whom to call.
HELP = "help"


@bp.get("/help")
@requires(Permission.CHAPTER_SEE)
def whom_to_call() -> ResponseReturnValue:
    return render_template("safety/whom_to_call.html", here=resources.here())


@bp.route("/help/edit", methods=["GET", "POST"])
@requires(Permission.RESOURCES_SET)
def edit_resources() -> ResponseReturnValue:
    """Name the school's own people, first to call first."""
    form = forms.ResourcesForm()
    if form.validate_on_submit():
        try:
            resources.change(
                form.named(),
                look_within=int(form.look_within.data),
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved. Everybody in the chapter sees these first.", "good")
            return redirect(url_for(".whom_to_call"), 303)
    if not form.is_submitted():
        here = resources.here()
        form.show(here.resources, look_within=here.look_within)
    return render_template("safety/edit_resources.html", form=form), form.status


@bp.after_app_request
def show_whom_to_call(response: Response) -> Response:
    """Show the writer, and nobody else, whom to call, once what they wrote is saved.

    Whatever the page was. The words are read here and forgotten; that they were found is kept
    nowhere but in the one message to the writer.
    """
    member = getattr(current_user, "member", None) if request.method == "POST" else None
    if member is None or response.status_code >= 400 or _waits():
        return response
    written = (words for values in request.form.listvalues() for words in values)
    if any(signs.suggest_danger(words) for words in written):
        first = resources.here().resources[:3]
        flash(Markup(render_template("safety/first_call.html", resources=first)), HELP)
    return response


def _waits() -> bool:
    """Whether the message waits already to be shown, as when a note saves itself over and over."""
    return any(category == HELP for category, _ in session.get("_flashes", ()))
