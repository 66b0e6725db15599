"""The same, where no script runs: an old browser, a hospital's proxy, a lost connection."""

import re

ASKED = "Whether a year of research would help me."


def test_a_meeting_is_asked_for_accepted_and_prepared(person):
    student = person(lead="Amara Okonkwo-Reyes", script=False)
    student.page.goto(f"{student.address}/c/lakeshore/pairings")
    student.page.get_by_role("link", name="Dr. Ximena Núñez").first.click()
    student.page.get_by_role("link", name="Book a time").click()
    student.page.get_by_label(re.compile("What would you like")).fill(ASKED)
    student.page.locator(".slots label").first.click()
    student.page.locator("[data-commit]").click()
    student.reads("has the request")
    meeting = student.page.url

    mentor = person(lead="Dr. Ximena Núñez", script=False)
    mentor.page.goto(f"{mentor.address}/c/lakeshore/inbox")
    card = mentor.page.locator("li", has_text=ASKED)
    card.get_by_role("button", name=re.compile("^Accept")).click()
    mentor.reads("Amara")

    student.page.goto(meeting)
    student.page.get_by_label("Add a question or a topic").fill("Which lab takes beginners?")
    student.page.get_by_role("button", name="Add", exact=True).click()
    student.reads("Which lab takes beginners?")
    student.page.get_by_label("Shared notes").fill("Think it over until Friday.")
    student.page.get_by_role("button", name="Save shared notes").click()
    mentor.page.goto(meeting)
    mentor.reads("Think it over until Friday.")
