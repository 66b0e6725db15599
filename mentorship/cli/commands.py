"""The door to every command: `mentorship …`.

It loads no more than the command asks for: matching from files and calendars know nothing of the
product, which takes a while to load.
"""

import gc
import os
from typing import Any

import click

# A matrix product's threads spin while they wait for each other, which on a busy machine takes
# several times the time of one. It has to be said before anything loads NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The product is half a million objects, and all of them stay. By the default, a sixth of the time
# that it takes to load them goes into looking which of them may go.
gc.set_threshold(50_000)


class Door(click.Group):
    """Says what went wrong in one line and exits with 1."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(["audit", "calendar", "matching", *_product().list_commands(context)])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name == "matching":
            from mentorship.cli.matching import matching

            return matching
        if name == "calendar":
            from mentorship.cli.calendar import calendar

            return calendar
        if name == "audit":
            from mentorship.cli.audit import audit

            return audit
        return _product().get_command(context, name)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as no:
            from mentorship.cli.product import NOS

            if not isinstance(no, NOS):
                raise
            click.echo(f"mentorship: {no}", err=True)
            raise SystemExit(1) from no


def _product() -> click.Group:
    from mentorship.cli.people import chapter, network_admin, roster, sign_out
    from mentorship.cli.product import product

    for command in (chapter, network_admin, roster, sign_out):
        product.add_command(command)
    return product


@click.group(cls=Door)
def main() -> None:
    """Curbside: mentorship for emergency-medicine interest groups."""


if __name__ == "__main__":
    main()
