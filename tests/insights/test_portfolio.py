import pytest

from mentorship.insights import portfolio
from mentorship.relationships.models import PairingState
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests.insights.built import pair


def of(*pairs, stage=Stage.M3, offers=None):
    return portfolio.of(pairs, stage=stage, offers=offers or {})


def states(found) -> dict[str, str]:
    return {line.kind.value: line.state for line in found.lines}


def test_says_what_is_covered_asked_and_open():
    found = of(
        pair(kind=Kind.CAREER),
        pair(kind=Kind.CONTENT, state=PairingState.ACCEPTED, contact=None),
        pair(kind=Kind.APPLICATION, state=PairingState.PROPOSED),
    )

    assert states(found) == {
        "career": "on",
        "content": "on",
        "application": "wait",
        "wellness": "gap",
    }
    assert (found.covered, found.needed, found.gaps) == (2, 4, [Kind.WELLNESS])
    assert found.label == (
        "Portfolio: 2 of 4 kinds covered. Career and content are covered."
        " Application is waiting for an answer. Wellness is open."
    )


@pytest.mark.parametrize(
    ("stage", "state", "needed"),
    [
        (Stage.M1, "later", 3),
        (Stage.M2, "later", 3),
        (Stage.M3, "gap", 4),
        (Stage.M4, "gap", 4),
        (Stage.PGY1, "over", 3),
        (Stage.PGY3, "over", 3),
        (None, "gap", 4),
    ],
)
def test_application_is_expected_from_m3_until_the_match(stage, state, needed):
    found = of(stage=stage)

    assert states(found)["application"] == state
    assert found.needed == needed


def test_what_is_not_needed_yet_may_be_covered_all_the_same():
    found = of(pair(kind=Kind.APPLICATION), stage=Stage.M1)
    assert (states(found)["application"], found.covered, found.needed) == ("on", 1, 4)


def test_one_who_said_yes_outweighs_another_who_was_asked():
    found = of(pair(state=PairingState.PROPOSED), pair())
    assert states(found)["career"] == "on"
    assert len(found.lines[0].pairs) == 2


def test_a_pause_still_covers_and_my_mentees_do_not():
    assert states(of(pair(state=PairingState.PAUSED)))["career"] == "on"
    assert states(of(pair(i_mentor=True)))["career"] == "gap"


def test_knows_how_many_offer_each_kind():
    assert [line.offered_by for line in of(offers={Kind.WELLNESS: 3}).lines] == [0, 0, 0, 3]
