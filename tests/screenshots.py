"""Take the pictures that the documentation shows, from a demo of their own: `make screenshots`."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from mentorship.foundation.settings import ROOT
from tests import chromium
from tests.demos import Demo
from tests.journeys.conftest import DESK, PHONE
from tests.processes import free_port

PICTURES = ROOT / "docs" / "pictures"
#: As tall as what a reader of the documentation takes in at a glance.
TALL = {"width": 390, "height": 1180}


def take() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium.launched() as browser:
        demo = Demo(Path(folder) / "demo", free_port())
        try:
            demo.come_up()

            def seat(lead: str, screen: dict) -> Page:
                page = browser.new_context(
                    viewport=screen, device_scale_factor=2, timezone_id="America/Chicago"
                ).new_page()
                page.goto(demo.links()[lead])
                page.get_by_role("button", name="Sign in").click()
                page.wait_for_url("**/c/**")
                return page

            _shot(seat("Amara Okonkwo-Reyes", TALL), "student-home")
            mentor = seat("Dr. Ximena Núñez", PHONE)
            mentor.goto(f"{demo.address}/c/lakeshore/inbox")
            _shot(mentor, "mentor-inbox")
            coordinator = seat("Maureen O'Malley", DESK)
            _shot(coordinator, "dashboard")
            coordinator.goto(f"{demo.address}/c/lakeshore/runs/new")
            coordinator.get_by_role("button", name="Start the run").click()
            coordinator.get_by_role("link", name=re.compile("^Publish")).first.wait_for(
                timeout=60_000
            )
            _shot(coordinator, "run-review")
        finally:
            demo.ended()
            demo.clear()


def _shot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"{name}.png")


if __name__ == "__main__":
    take()
