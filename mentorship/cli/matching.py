"""Matching from files: `mentorship matching …`. Needs no database and loads none of the product."""

import click


@click.group()
def matching() -> None:
    """Pair mentees with mentors from CSV files."""
