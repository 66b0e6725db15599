"""The trail, from outside: seal it, write its last seals down, and see whether it is whole."""

from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app

from mentorship.audit import seals
from mentorship.audit.seals import Chain
from mentorship.cli.product import with_app
from mentorship.foundation import clock, scope
from mentorship.foundation.database import transaction
from mentorship.foundation.errors import Refusal
from mentorship.tenancy import queries

#: What the chain of accounts is called where chapters stand by their slugs, which hold no star.
ACCOUNTS = "*"


@click.group()
def audit() -> None:
    """The audit trail: what was done, seen and changed, sealed in a chain."""


@audit.command(name="seal")
@click.option("--print", "show", is_flag=True, help="Print the last seal of every chain.")
@click.option("--anyway", is_flag=True, help="Go on after a seal whose key is lost for good.")
@with_app
def seal_all(show: bool, anyway: bool) -> None:
    """Seal what is not sealed yet; the worker does so every ten minutes.

    With --print, one line for each chain: its chapter, a number and a digest. Keep these lines
    where the database's keepers cannot write; `mentorship audit verify --against` reads them.
    """
    secrets, now = current_app.config["SETTINGS"].secrets, clock.now()
    for name, chain in _chains(None):
        try:
            with transaction():
                while seals.seal(chain, secrets=secrets, now=now, anyway=anyway) == seals.AT_ONCE:
                    pass
        except seals.NotOurs as no:
            raise Refusal(
                f"The last seal of {name} fits no key in SECRET_KEY or SECRET_KEY_FALLBACKS."
                " Look into it first; --anyway goes on after it."
            ) from no
        last = seals.latest(chain)
        if show and last:
            click.echo(f"{name} {last.number} {last.digest.hex()}")


@audit.command()
@click.option("--chapter", metavar="SLUG", help="Only the chain of this chapter.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Lines that `mentorship audit seal --print` wrote, kept elsewhere.",
)
@with_app
def verify(chapter: str | None, against: Path | None) -> None:
    """Look whether the trail is what was sealed; exit 1 and name the first fault if not."""
    known = _read(against) if against else {}
    secrets, whole, seen = current_app.config["SETTINGS"].secrets, True, set()
    for name, chain in _chains(chapter):
        seen.add(name)
        found = seals.look(chain, secrets=secrets, known=known.get(name))
        if found.fault:
            whole = False
            click.echo(f"{name}: {found.fault}", err=True)
        else:
            waiting = f", {found.waiting} wait to be" if found.waiting else ""
            click.echo(f"{name}: whole, {found.sealed} sealed{waiting}")
    for name in sorted(known.keys() - seen) if not chapter else ():
        whole = False
        click.echo(f"{name}: was written down, and is not there", err=True)
    if not whole:
        raise SystemExit(1)


def _chains(slug: str | None) -> Iterator[tuple[str, Chain]]:
    """Every chain by its name, each while its chapter is entered."""
    if slug is not None and queries.chapter_id(slug) is None:
        raise Refusal(f"There is no chapter at /c/{slug}/.")
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            name = queries.card().slug
            if slug in (None, name):
                yield name, seals.of_chapter()
    if slug is None:
        yield ACCOUNTS, seals.of_accounts()


def _read(file: Path) -> dict[str, dict[int, bytes]]:
    """Digests by their numbers, by the name of the chain.

    :raises Refusal: a line is not one of ours.
    """
    known: dict[str, dict[int, bytes]] = {}
    for at, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            name, number, digest = line.split()
            known.setdefault(name, {})[int(number)] = bytes.fromhex(digest)
        except ValueError as no:
            raise Refusal(f"Line {at} of {file} is no seal: chapter, number, digest.") from no
    return known
