import pytest

from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.preferences import Preferences, WeightsOff
from mentorship.vocabulary.kinds import Kind


class TestPreferences:
    def test_are_the_usual_ones_unless_said_otherwise(self):
        assert Preferences().usual
        assert not Preferences(policy=Policy.STABLE).usual
        assert Preferences().engine == Settings()

    def test_are_kept_and_read_again(self):
        chosen = Preferences(
            policy=Policy.STABLE,
            most_from_one_institution=2,
            keep=5,
            weights={Kind.CAREER: {"interests": 60, "stage": 40}},
        )

        assert Preferences.read(chosen.kept()) == chosen

    def test_of_a_run_from_before_there_were_any_are_the_usual_ones(self):
        assert Preferences.read({}).usual

    def test_whose_weights_do_not_add_up_say_so_in_words(self):
        with pytest.raises(WeightsOff, match="career mentoring adds up to 90"):
            Preferences(weights={Kind.CAREER: {"interests": 50, "stage": 40}})
