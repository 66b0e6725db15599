"""What claims are worth, for whatever a provider can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.tenancy.university import claims
from mentorship.tenancy.university.claims import Rules
from mentorship.tenancy.university.models import Joining, Preset

DOMAINS = ("lakeside.edu", "med.lakeside.edu")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=6,
)
MARKS = st.sampled_from([True, False, None, "true", "false", "1", 1, 0, [], [True]]) | ANY_JSON
EMAILS = st.sampled_from(
    ["sol@lakeside.edu", "Sol@MED.lakeside.edu", "sol@evil.example", "sol@lakeside.edu\n", "@", ""]
)
SAID = st.fixed_dictionaries(
    {"sub": st.just("4711")},
    optional={
        "email": EMAILS | ANY_JSON,
        "email_verified": MARKS,
        "xms_edov": MARKS,
        "hd": st.sampled_from(["lakeside.edu", "evil.example"]) | ANY_JSON,
        "name": ANY_JSON,
        "given_name": ANY_JSON,
        "groups": ANY_JSON | st.lists(st.sampled_from(["em", "im"])),
    },
)


def rules(preset: Preset = Preset.OTHER, joining: Joining = Joining.INVITED) -> Rules:
    return Rules(preset, DOMAINS, joining, "groups", "em")


@given(said=SAID, preset=st.sampled_from(Preset))
def test_no_address_is_vouched_for_without_the_providers_own_word(said, preset):
    person = claims.person(said, rules(preset))

    if person.vouched:
        assert person.email == person.email.lower()
        assert claims.domain(person.email) in DOMAINS
        if preset is Preset.ENTRA:
            assert said["xms_edov"] in (True, 1, "1")
        else:
            assert said["email_verified"] is True
        assert preset is not Preset.GOOGLE or said["hd"] in DOMAINS


@given(said=SAID)
def test_a_name_is_one_line_of_a_fair_length(said):
    name = claims.person(said, rules()).name

    assert len(name) <= claims.LONGEST_NAME
    assert "\n" not in name
    assert name == name.strip()


@given(said=SAID)
def test_a_claim_counts_only_where_it_is_the_rule_and_says_it_in_these_letters(said):
    has = claims.person(said, rules(joining=Joining.CLAIM)).has_claim

    groups = said.get("groups")
    assert has == (groups == "em" or (isinstance(groups, list) and "em" in groups))
    assert not claims.person(said, rules(joining=Joining.DOMAIN)).has_claim


@pytest.mark.parametrize(
    ("preset", "said", "vouched"),
    [
        (Preset.GOOGLE, {"email_verified": True, "hd": "lakeside.edu"}, True),
        (Preset.GOOGLE, {"email_verified": True}, False),
        (Preset.GOOGLE, {"email_verified": True, "hd": "evil.example"}, False),
        (Preset.ENTRA, {"email_verified": True}, False),
        (Preset.ENTRA, {"xms_edov": True}, True),
        (Preset.ENTRA, {"xms_edov": "1"}, True),
        (Preset.ENTRA, {"xms_edov": False}, False),
        (Preset.ENTRA, {"xms_edov": "0"}, False),
        (Preset.OKTA, {"email_verified": True}, True),
        (Preset.OTHER, {"xms_edov": True}, False),
    ],
)
def test_what_each_providers_word_is(preset, said, vouched):
    person = claims.person({"sub": "4711", "email": "sol@lakeside.edu", **said}, rules(preset))

    assert person.vouched is vouched


@pytest.mark.parametrize("chosen", Preset)
@pytest.mark.parametrize(
    ("issuer", "is_of"),
    [
        ("https://accounts.google.com", Preset.GOOGLE),
        ("https://login.microsoftonline.com/0f3a2b1c/v2.0", Preset.ENTRA),
        ("https://login.lakeside.edu", None),
        ("https://accounts.google.com.lakeside.edu", None),
    ],
)
def test_whose_product_it_is_its_issuer_says_whatever_was_chosen(issuer, is_of, chosen):
    assert Preset.of(issuer, chosen) is (is_of or chosen)
