"""The commands about chapters, and about people wherever they belong."""

import os
from pathlib import Path
from uuid import UUID

import click
from flask import current_app

from mentorship.cli.product import with_app
from mentorship.foundation import clock, scope
from mentorship.foundation.database import transaction
from mentorship.foundation.errors import Refusal


@click.group()
def chapter() -> None:
    """Chapters."""


@chapter.command()
@click.argument("slug")
@click.option("--name", required=True, help="What the chapter calls itself.")
@click.option("--school", required=True)
@click.option("--zone", required=True, help="Time zone of its calendar, like America/Chicago.")
@click.option("--coordinator", required=True, help="Email address of its first coordinator.")
@click.option("--coordinator-name", required=True)
@with_app
def create(
    slug: str, name: str, school: str, zone: str, coordinator: str, coordinator_name: str
) -> None:
    """Found a chapter at /c/SLUG/, with its first coordinator."""
    from mentorship.profiles import cells
    from mentorship.tenancy import chapters, memberships
    from mentorship.tenancy.roles import Role

    # Before anything is kept: a chapter without a coordinator could not be entered by anyone.
    for said in (cells.email(coordinator), cells.name(coordinator_name), cells.name(name)):
        if said.wrong:
            raise Refusal(said.wrong[0])
    now = clock.now()
    with transaction():
        made = chapters.found(slug=slug, name=name, school=school, zone=zone, now=now)
        chapter_id = made.id
    with scope.chapter(chapter_id), transaction():
        memberships.join(
            email=coordinator, name=coordinator_name, roles=[Role.COORDINATOR], zone=zone, now=now
        )
    click.echo(f"{name} is at /c/{slug}/. {coordinator} can sign in.")


@chapter.command()
@click.argument("slug")
@click.argument("email")
@click.argument("role", type=click.Choice(["coordinator", "advisor"]))
@with_app
def appoint(slug: str, email: str, role: str) -> None:
    """Make EMAIL, who belongs to the chapter at /c/SLUG/, its coordinator or advisor.

    For a chapter that nobody runs anymore; everybody else has a page for it.
    """
    from mentorship.tenancy import memberships, queries
    from mentorship.tenancy.roles import Role

    chapter_id = _chapter_id(slug)
    with scope.chapter(chapter_id), transaction():
        member = queries.member_by_email(email)
        if member is None:
            raise Refusal(f"{email} does not belong to it. Bring them in with a roster first.")
        memberships.appoint(member, Role(role), by=None, now=clock.now())
    click.echo(f"{email} is {role} of /c/{slug}/.")


@chapter.command(name="confirm-domain")
@click.argument("slug")
@click.argument("domain")
@click.option("--take-back", is_flag=True, help="It is not, or not anymore.")
@with_app
def confirm_domain(slug: str, domain: str, take_back: bool) -> None:
    """Confirm that DOMAIN belongs to the university of the chapter at /c/SLUG/.

    From then on, whoever types an address of it at the sign-in page is offered that university.
    Look first whether the issuer that is printed is the university's own.
    """
    from mentorship.tenancy.university import providers

    chapter_id = _chapter_id(slug)
    with scope.chapter(chapter_id), transaction():
        found = providers.confirm_domain(domain.lower(), is_theirs=not take_back, now=clock.now())
        led = "not led" if take_back else "led"
        click.echo(f"People of {domain.lower()} are {led} to {found.name}, at {found.issuer}.")


@click.group(name="network-admin")
def network_admin() -> None:
    """People of the network, who help a chapter once it lets them in."""


@network_admin.command()
@click.argument("email")
@click.option("--zone", default="UTC", show_default=True, help="For somebody without an account.")
@with_app
def add(email: str, zone: str) -> None:
    """Let EMAIL ask chapters to be let in. It opens none."""
    _network_admin(email, is_one=True, zone=zone)
    click.echo(f"{email} may ask chapters at /support. Nothing is open to them by that.")


@network_admin.command()
@click.argument("email")
@with_app
def remove(email: str) -> None:
    """EMAIL is no network admin anymore: every visit of theirs closes at the next request."""
    _network_admin(email, is_one=False, zone="UTC")
    click.echo(f"{email} is no network admin.")


def _network_admin(email: str, *, is_one: bool, zone: str) -> None:
    from mentorship.accounts import users
    from mentorship.profiles import cells

    said = cells.email(email)
    if said.wrong:
        raise Refusal(said.wrong[0])
    with transaction():
        user_id = users.find_or_create(email=email, zone=zone, now=clock.now())
        users.make_network_admin(user_id, is_one=is_one)


@click.command(name="sign-out")
@click.argument("email", required=False)
@click.option("--everybody", is_flag=True, help="Every person, wherever they are signed in.")
@with_app
def sign_out(email: str | None, everybody: bool) -> None:
    """End every session of EMAIL, on every device, as when one was stolen."""
    from mentorship.accounts import sessions, users

    if everybody == bool(email):
        raise Refusal("Name somebody's address, or say --everybody.")
    with transaction():
        of = users.ids() if everybody else [users.known(email or "")]
        ended = sum(sessions.end_all(user_id, now=clock.now()) for user_id in of)
    click.echo(f"{ended} {'session is' if ended == 1 else 'sessions are'} ended.")


@chapter.command(name="export")
@click.argument("slug")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file, a ZIP.",
)
@with_app
def export_chapter(slug: str, target: Path) -> None:
    """Write all of the chapter at /c/SLUG/ into a file: every word and every file in it.

    It holds private notes and concerns. It is for moving a chapter or for a court, not for anybody
    who runs the chapter: they make their own copy on its pages.
    """
    from mentorship.foundation import storage
    from mentorship.own_data import chapters

    chapter_id = _chapter_id(slug)
    # Never over what is there, and read by nobody else of this machine.
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as there:
        raise Refusal(f"{target} is there already. Name a new file.") from there
    with os.fdopen(descriptor, "wb") as content:
        store = storage.of(current_app.config["SETTINGS"])
        chapters.write_copy(content, chapter_id, whole=True, store=store, now=clock.now())
    click.echo(f"{target} holds all of {slug}. Keep it as safe as the database.")


@click.group()
def roster() -> None:
    """Rosters."""


@roster.command(name="import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@with_app
def import_roster(slug: str, file: Path, dry_run: bool) -> None:
    """Bring the people in FILE (CSV) into the chapter at /c/SLUG/: all of them, or none."""
    from mentorship.profiles import intake
    from mentorship.profiles import roster as rosters

    chapter_id = _chapter_id(slug)
    plan = rosters.read(file.read_bytes())
    if plan.problem:
        raise Refusal(plan.problem)
    for flaw in sorted((*plan.errors, *plan.warnings)):
        where = f"line {flaw.line}, {flaw.column}" if flaw.column else f"line {flaw.line}"
        click.echo(f"{where}: {flaw.words}", err=True)
    if plan.errors:
        raise Refusal("Nothing was imported. Mend the lines above and try again.")
    with scope.chapter(chapter_id), transaction():
        if dry_run:
            outcome = intake.foresee(plan.entries)
        else:
            outcome = intake.take_in(plan.entries, by=None, now=clock.now())
    verb = "Would add" if dry_run else "Added"
    update = "update" if dry_run else "updated"
    leave = "leave" if dry_run else "left"
    click.echo(f"{verb} {outcome.added}, {update} {outcome.updated}, {leave} {outcome.same} as is.")


def _chapter_id(slug: str) -> UUID:
    from mentorship.tenancy import queries

    chapter_id = queries.chapter_id(slug)
    if chapter_id is None:
        raise Refusal(f"There is no chapter at /c/{slug}/.")
    return chapter_id
