"""Every deed is told, or is silent on purpose."""

from enum import StrEnum
from importlib import import_module
from pkgutil import walk_packages

import pytest

import mentorship
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation.settings import ROOT
from mentorship.notifications.account_mail import TOLD
from mentorship.notifications.notices import NOTICES, SILENT


def every_deed() -> list[StrEnum]:
    for module in walk_packages(mentorship.__path__, "mentorship."):
        import_module(module.name)
    waiting, found = [StrEnum], []
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__name__.endswith("Deed") and kind.__module__.startswith("mentorship."):
            found += kind
    return sorted(found)


@pytest.mark.parametrize("deed", sorted(set(every_deed()) - set(AccountDeed)))
def test_every_deed_is_either_told_or_silent(deed):
    assert (deed in NOTICES) != (deed in SILENT)


def test_what_happens_to_an_account_is_told_of_itself():
    assert set(TOLD) <= set(AccountDeed)
    assert not set(AccountDeed) & {*NOTICES, *SILENT}


def test_no_two_deeds_share_a_name():
    assert len(set(every_deed())) == len(every_deed()) > 20


@pytest.mark.parametrize("telling", sorted({telling.name for telling in NOTICES.values()}))
def test_every_telling_has_its_words(telling):
    for ending in ("txt", "html"):
        assert (ROOT / "templates" / "mail" / f"{telling}.{ending}").is_file()
