"""The words by which a mentor is found: written with every profile, and looked for by Find.

Both sides leave accents out, so that Núñez is found as typed on any keyboard. Every text is
kept twice: as English stems (airways finds Airway) and as it stands (for names, and for the
beginnings of words).
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Update,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY, TSVECTOR

from mentorship.foundation.database import db
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.interests import labels

_ACCENTS = "[\u0300-\u036f]"
#: What makes a search more than a list of words: a phrase, an exclusion, an alternative.
_OPERATORS = re.compile(r'"|(?:^|\s)-\w|\sor\s', re.IGNORECASE)


def index(member_ids: Iterable[UUID]) -> None:
    """Write the words that these mentors are found by, from what is stored of them.

    One statement for any number of them. Whoever changes a profile or a mentor's name calls it.
    """
    db.session.flush()
    db.session.execute(
        _INDEX,
        {"member_ids": list(member_ids), "labels": labels()},
        execution_options={"synchronize_session": False},
    )


def matches(text: str, starts: str) -> ColumnElement[bool]:
    """The condition that a mentor's words match; its facts are those of `words`.

    `text` and `starts` name the statement's parameters.
    """
    said, begun = bindparam(text, type_=Text), bindparam(starts, type_=Text)
    wanted = (
        func.websearch_to_tsquery("english", said, type_=TSQUERY)
        .op("||", return_type=TSQUERY())(func.websearch_to_tsquery("simple", said))
        .op("||", return_type=TSQUERY())(func.to_tsquery("simple", begun))
    )
    return MentorProfile.search.op("@@", is_comparison=True)(wanted)


def words(typed: str) -> tuple[str, str]:
    """What somebody typed as the two texts that `matches` takes.

    The first is the search as PostgreSQL reads it from people (quotes, OR, a minus). The second
    lets each word stand for all that begin with it, unless one of those signs is used.
    """
    plain = _without_accents(typed)
    if _OPERATORS.search(plain):
        return plain, ""
    return plain, " & ".join(f"'{word}':*" for word in re.findall(r"\w+", plain))


def _without_accents(text: str) -> str:
    return re.sub(_ACCENTS, "", unicodedata.normalize("NFD", text))


def _weighed(text: Any, weight: str) -> ColumnElement:
    decomposed = func.normalize(text, literal_column("NFD"))
    plain = func.regexp_replace(decomposed, _ACCENTS, "", "g")
    both = func.to_tsvector("english", plain, type_=TSVECTOR).op("||")(
        func.to_tsvector("simple", plain)
    )
    return func.setweight(both, literal_column(f"'{weight}'::\"char\""), type_=TSVECTOR)


def _statement() -> Update:
    """The update behind `index`, hoisted: interests and topics count by their labels."""
    known = cast(bindparam("labels", type_=JSONB), JSONB)
    topic = func.unnest(Offer.topics).table_valued("slug", name="topic").render_derived()
    topics = (
        select(func.array_agg(topic.c.slug))
        .select_from(Offer)
        .join(topic, true())
        .where(Offer.member_id == MentorProfile.member_id)
        .correlate(MentorProfile)
        .scalar_subquery()
    )
    named = func.array_cat(MentorProfile.interests, type_coerce(topics, ARRAY(Text)))
    one = func.unnest(named).table_valued("slug", name="one").render_derived()
    spoken = (
        select(func.string_agg(known.op("->>", return_type=Text())(one.c.slug), " "))
        .select_from(one)
        .scalar_subquery()
    )
    written = (
        _weighed(Membership.name, "A")
        .op("||")(_weighed(func.coalesce(spoken, ""), "B"))
        .op("||")(_weighed(MentorProfile.title, "B"))
        .op("||")(_weighed(MentorProfile.institution, "C"))
        .op("||")(_weighed(MentorProfile.story, "D"))
    )
    return (
        update(MentorProfile)
        .values(search=written)
        .where(
            MentorProfile.member_id == Membership.id,
            MentorProfile.member_id == func.any(bindparam("member_ids")),
        )
    )


_INDEX = _statement()
