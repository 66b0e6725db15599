"""Which words bring the numbers to call, and which are only how people in medicine talk."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.safety import signs
from mentorship.safety.signs import PHRASES, READ, suggest_danger

DANGER = (
    "I want to die.",
    "Some days I just want to die, honestly",
    "i really wish i was dead",
    "I don't want to be here anymore",
    "I don’t want to live like this",
    "I no longer want to exist.",
    "I go to bed and I don't want to wake up.",
    "Everyone is better off without me.",
    "There is no point in living.",
    "I have been thinking about killing myself",
    "Last night I thought I would hurt myself",
    "I started cutting myself again",
    "I might end my life after the Match",
    "I'm ready to end it all",
    "I am suicidal and have told nobody",
    "I’ve been feeling... I feel suicidal",
    "I keep thinking about suicide",
    "I attempted suicide last spring.",
    "I wish I were dead",
    "They would all be better off without me",
    "My classmate wants to die",
    "My roommate said she is going to kill herself",
    "my friend is suicidal, what do I do?",
    "My mentor hit me.",
    "I was groped by an attending on nights",
    "I was sexually assaulted at the conference",
    "He threatened to hurt me if I say anything",
    "I don't feel safe at home",
    "I am afraid for my life",
)
TALK = (
    "",
    "I am killing it on this rotation!",
    "Killing it on this rotation",
    "This shift is killing me",
    "I died of embarrassment",
    "I'm dying to hear how the interview went",
    "We had a patient who wanted to die, and it stayed with me",
    "A patient told me she wants to die. How do you talk about that?",
    "Suicide risk screening in the ED is my QI project",
    "Read the paper on physician suicide before we meet",
    "The talk on suicide prevention moved me",
    "He attempted suicide and we intubated him in the bay",
    "The patient tried to hang himself; first code I ran",
    "I nearly killed myself laughing",
    "I am killing myself over this personal statement",
    "I hurt myself skiing, so no run on Sunday",
    "I want to live in Chicago",
    "I don't want to be here in July, I would rather rotate in Denver",
    "I do not want to wake up at four for another month of surgery",
    "I want to end it with a question to the panel",
    "It hit me that I love the ED",
    "They beat me to the airway",
    "I took my own car",
    "Should I end my rotation early?",
    "I wish I was better at airways",
    "The residents shoot me texts all day",
    "I would die for a spot at County",
    "Dead tired after nights, otherwise well",
    "I am not suicidal, just tired of Step 2",
    "I feel like I bombed the shelf",
    "My intern cut herself on a scalpel, needle stick protocol worked",
    "Better off without the second away rotation",
    "End-of-life talks, and taking my time with families",
)


@pytest.mark.parametrize("words", DANGER)
def test_words_of_danger_are_found(words):
    assert suggest_danger(words)
    assert suggest_danger(f"Thanks for last week.\n\n{words.upper()}\nSee you then")


@pytest.mark.parametrize("words", TALK)
def test_talk_of_work_is_not(words):
    assert not suggest_danger(words)


@pytest.mark.parametrize("phrase", range(len(PHRASES)))
def test_every_phrase_of_the_list_finds_something(phrase, monkeypatch):
    monkeypatch.setattr(signs, "_FOUND", re.compile(PHRASES[phrase]))

    assert any(suggest_danger(words) for words in DANGER)


@given(st.text(max_size=300))
def test_any_text_can_be_read(words):
    assert suggest_danger(words) in (True, False)


def test_a_long_text_is_read_in_part_and_at_once():
    assert suggest_danger("well " * 3000 + "I want to die.")
    assert not suggest_danger("x" * READ + " I want to die.")
    for pasted in (
        "i have been " * 9000,
        "i just " * 15_000,
        "my friend a b c " * 7000,
        "'" * 99_999,
    ):
        assert not suggest_danger(pasted)
