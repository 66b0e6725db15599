"""Pages of files: what one keeps and is shown, one document, and its bytes as a download.

A document's own question decides who may open it: its owner, and whom it is shown to. To all
others, whatever their role, it does not exist.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from mentorship.files import documents, formats, forms, queries, readings, shares
from mentorship.files.formats import Format
from mentorship.files.models import Sort
from mentorship.foundation import clock, rates, storage
from mentorship.foundation.database import transaction
from mentorship.foundation.errors import Refusal
from mentorship.foundation.storage import Store
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission, insist
from mentorship.web import limits
from mentorship.web.forms import Form

bp = Blueprint("files", __name__)

#: A file that is somewhat too large is still read, so that its page can say so and keep the rest.
TAKEN = 2 * formats.LARGEST + 1024 * 1024
#: A download is no page: it may not run, frame or load anything, whatever a browser takes it for.
NOTHING = "default-src 'none'; frame-ancestors 'none'; sandbox"


@bp.get("/files")
@requires(Permission.FILE_KEEP)
def mine() -> ResponseReturnValue:
    now = clock.now()
    return render_template(
        "files/mine.html",
        mine=queries.mine(current_member, now=now),
        shown=queries.shown_to(current_member, now=now),
        used=documents.room_used(current_member),
        room=documents.ROOM,
    )


@bp.route("/files/new", methods=["GET", "POST"])
@requires(Permission.FILE_KEEP)
@limits.takes(TAKEN)
@limits.limited(rates.UPLOADS)
def add() -> ResponseReturnValue:
    """Keep a file; from a pairing's page (`?pairing=`), show it there at once."""
    form, now = forms.NewFileForm(), clock.now()
    pairing_id = request.args.get("pairing", type=UUID)
    places = queries.places(current_member, now=now) if pairing_id else []
    place = next((one for one in places if one.pairing_id == pairing_id), None)
    if form.validate_on_submit():
        try:
            with _content(form.file.data) as content:
                document = documents.add(
                    content=content,
                    file_name=form.file.data.filename,
                    name=form.name.data or "",
                    sort=Sort(form.sort.data),
                    note=form.note.data or "",
                    by=current_member,
                    store=_store(),
                    now=now,
                )
            if place:
                shares.show(
                    document, pairing_id=place.pairing_id, until=None, by=current_member, now=now
                )
        except Refusal as refusal:
            form.refuse(refusal, "file")
        else:
            flash(f"{document.name} is kept here, {_seen_by(place)}.", "good")
            return redirect(url_for(".document", document_id=document.id), 303)
    return render_template("files/add.html", form=form, place=place), form.status


@bp.get("/files/<uuid:document_id>")
@requires(Permission.FILE_READ)
def document(document_id: UUID) -> ResponseReturnValue:
    return _page(document_id)


@bp.post("/files/<uuid:document_id>/versions")
@requires(Permission.FILE_CHANGE)
@limits.takes(TAKEN)
@limits.limited(rates.UPLOADS)
def renew(document_id: UUID) -> ResponseReturnValue:
    found = queries.my_document(document_id, member=current_member, now=clock.now())
    insist(Permission.FILE_CHANGE, found, by=current_member)
    form = forms.VersionForm()
    if form.validate_on_submit():
        try:
            with _content(form.file.data) as content:
                version = documents.renew(
                    document_id,
                    content=content,
                    note=form.note.data or "",
                    by=current_member,
                    store=_store(),
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.refuse(refusal, "file")
        else:
            flash(f"Version {version.number} is kept. The older ones are below.", "good")
            return _to(document_id)
    return _page(document_id, version_form=form)


@bp.post("/files/<uuid:document_id>/shown")
@requires(Permission.FILE_CHANGE)
@limits.limited(*rates.TO_OTHERS)
def show(document_id: UUID) -> ResponseReturnValue:
    """Show it to one more person, or until another day."""
    now, form = clock.now(), forms.ShareForm()
    found = queries.my_document(document_id, member=current_member, now=now)
    insist(Permission.FILE_CHANGE, found, by=current_member)
    form.offer(queries.places(current_member, now=now))
    if form.validate_on_submit():
        try:
            shares.show(
                found,
                pairing_id=form.pairing_id,
                until=form.until.data,
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal, "until")
        else:
            flash("It is shown now. You can stop that at any time.", "good")
            return _to(document_id, "shown")
    return _page(document_id, share_form=form)


@bp.post("/files/<uuid:document_id>/shown/<uuid:pairing_id>/stop")
@requires(Permission.FILE_CHANGE)
def stop(document_id: UUID, pairing_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    found = queries.my_document(document_id, member=current_member, now=now)
    shares.stop(found, pairing_id=pairing_id, by=current_member, now=now)
    flash("It is no longer shown there. What was downloaded before is theirs.", "good")
    return _to(document_id, "shown")


@bp.route("/files/<uuid:document_id>/delete", methods=["GET", "POST"])
@requires(Permission.FILE_CHANGE)
def delete(document_id: UUID) -> ResponseReturnValue:
    now, form = clock.now(), Form()
    seen = queries.seen(document_id, member=current_member, now=now)
    insist(Permission.FILE_CHANGE, seen.document, by=current_member)
    if form.validate_on_submit():
        documents.delete_for_good(document_id, by=current_member, now=now)
        flash(f"{seen.document.name} is gone, with every version and comment.", "good")
        return redirect(url_for(".mine"), 303)
    return render_template("files/delete.html", form=form, seen=seen), form.status


@bp.post("/files/versions/<uuid:version_id>/restore")
@requires(Permission.FILE_CHANGE)
def restore(version_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    version, found = queries.my_version(version_id, member=current_member, now=now)
    again = documents.restore(version, by=current_member, now=now)
    flash(f"Version {version.number} is the newest again, as version {again.number}.", "good")
    return _to(found.id)


@bp.post("/files/versions/<uuid:version_id>/comments/<uuid:pairing_id>")
@requires(Permission.FILE_READ)
@limits.limited(*rates.TO_OTHERS)
def comment(version_id: UUID, pairing_id: UUID) -> ResponseReturnValue:
    now, form = clock.now(), forms.CommentForm()
    version, found = queries.my_version(version_id, member=current_member, now=now)
    _asking(form, version.id, pairing_id)
    if form.validate_on_submit():
        try:
            shares.comment(
                version, pairing_id=pairing_id, words=form.words.data, by=current_member, now=now
            )
        except Refusal as refusal:
            form.refuse(refusal, "words")
        else:
            flash("Your comment is there, for the two of you.", "good")
            return _to(found.id, f"said-{version.id}-{pairing_id}")
    return _page(found.id, comment_form=form, commented=(version.id, pairing_id))


def _asking(form: forms.CommentForm, version_id: UUID, pairing_id: UUID) -> forms.CommentForm:
    """The form with an id of its own, since a page has one for each thread."""
    form.words.id = f"words-{version_id}-{pairing_id}"
    return form


@bp.get("/files/versions/<uuid:version_id>/download")
@requires(Permission.FILE_READ)
def download(version_id: UUID) -> ResponseReturnValue:
    """The bytes, to be saved and never shown by the browser.

    It is the one GET that writes: who is shown a document and fetches it leaves a trace, which has
    to be kept before the first byte is sent.
    """
    now = clock.now()
    with transaction():
        version, found = queries.my_version(version_id, member=current_member, now=now)
        content: BinaryIO = BytesIO()
        if request.method == "GET":
            content = readings.read(version, found, by=current_member, store=_store(), now=now)
    format = Format(version.format)
    answer = send_file(
        content,
        mimetype=format.mime_type,
        as_attachment=True,
        download_name=f"{found.name}.{format}",
        etag=version.digest,
        conditional=request.method == "GET",
    )
    answer.content_length = answer.content_length or version.size
    answer.headers["Content-Security-Policy"] = NOTHING
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(
    document_id: UUID,
    *,
    version_form: forms.VersionForm | None = None,
    share_form: forms.ShareForm | None = None,
    comment_form: forms.CommentForm | None = None,
    commented: tuple[UUID, UUID] | None = None,
) -> ResponseReturnValue:
    """A document's page; where a form came back, with that form as it was filled in."""
    now = clock.now()
    sent: Any = version_form or share_form or comment_form
    seen = queries.seen(document_id, member=current_member, now=now)
    share_form = share_form or forms.ShareForm(formdata=None)
    share_form.offer(list(seen.places))

    def asking(version: queries.Version, place: queries.Place) -> forms.CommentForm:
        if comment_form and commented == (version.id, place.pairing_id):
            return comment_form
        return _asking(forms.CommentForm(formdata=None), version.id, place.pairing_id)

    page = render_template(
        "files/document.html",
        seen=seen,
        sent=sent,
        version_form=version_form or forms.VersionForm(formdata=None),
        share_form=share_form,
        asking=asking,
        usual=clock.day(now + shares.USUAL, current_member.zone),
    )
    return page, 422 if sent else 200


@contextmanager
def _content(sent: Any) -> Iterator[BinaryIO]:
    """What was uploaded, closed afterwards."""
    with sent.stream as stream:
        yield stream


def _seen_by(place: queries.Place | None) -> str:
    return f"and shown to {place.name}" if place else "for you alone until you show it to somebody"


def _store() -> Store:
    return storage.of(current_app.config["SETTINGS"])


def _to(document_id: UUID, anchor: str = "") -> ResponseReturnValue:
    return redirect(url_for(".document", document_id=document_id, _anchor=anchor or None), 303)
