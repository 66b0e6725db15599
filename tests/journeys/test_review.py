"""A coordinator walks the review of a matching run: settings, reasons, what if, and once more."""

import re

from playwright.sync_api import expect

from tests.journeys.conftest import DESK


def test_a_run_is_reviewed_tried_out_and_run_again(person):
    coordinator = person(DESK, lead="Maureen O'Malley")
    page = coordinator.page
    coordinator.open("/c/lakeshore/runs/new")
    page.get_by_text("Finer settings").click()
    page.get_by_role("group", name="Career").get_by_label("Stage of training").fill("1")
    coordinator.press("Start the run")
    coordinator.reads("What counts for career mentoring adds up to")
    coordinator.open("/c/lakeshore/runs/new")
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("heading", name="Proposed pairs").wait_for(timeout=60_000)
    run = page.url.split("?")[0]
    coordinator.look()

    coordinator.reads("Proven best under your rules")
    coordinator.reads("What would help")
    coordinator.reads("Who fares how")
    page.get_by_text(re.compile("^Detail")).first.click()
    expect(page.locator(".whys").first).to_be_visible()

    coordinator.press("Compare")
    coordinator.reads("Pairs nobody would swap, tried now")
    coordinator.reads("Would both rather have each other")
    coordinator.open(run)
    page.get_by_role("link", name="Try it out").last.click()
    page.get_by_label("How many").fill("3")
    page.locator("[name=kind]").select_option("wellness")
    with page.expect_navigation():
        page.locator("form", has=page.get_by_label("How many")).get_by_role("button").click()
    coordinator.look()
    coordinator.reads("With 3 more wellness mentors")
    coordinator.reads("gets new mentor 1, wellness")

    coordinator.open(run)
    aside = page.get_by_role("button", name=re.compile("^Set .+ aside$")).first
    pair = (aside.get_attribute("aria-label") or "").removeprefix("Set ").removesuffix(" aside")
    aside.press("Enter")
    page.get_by_role("button", name="Run again with 1 change").click()
    coordinator.reads("Changed since the draft before")
    coordinator.look()
    gone = page.locator("#changed li", has_text=pair.replace(" with ", " no longer gets "))
    expect(gone).to_have_count(1)

    coordinator.press("See its history")
    coordinator.reads(f"Set aside {pair}")
    coordinator.reads("Proven: nothing better exists under these rules.")
    coordinator.open(f"{run}/discard")
    coordinator.press("Discard it")
    coordinator.reads("All runs")
