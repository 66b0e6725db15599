"""Every mail as it arrives: what it says to whom, in which zone, and what it keeps to itself."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy import select, update

from mentorship.accounts import addresses
from mentorship.accounts.models import AddressChange
from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.files import shares
from mentorship.files.models import Document
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.settings import ROOT
from mentorship.own_data import chapters as endings
from mentorship.relationships import agreements, conflicts, partings, pauses
from mentorship.relationships.agreements import Terms
from mentorship.relationships.contacts import updates
from mentorship.relationships.models import Fit, PairingState
from mentorship.safety import concerns
from mentorship.safety import queries as safety
from mentorship.scheduling import dates as days
from mentorship.scheduling import meetings, next_choices, reschedules, sendings
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.conference import queries as conference
from mentorship.scheduling.feeds import clashes, pulling
from mentorship.scheduling.feeds.kinds import Blocks, Shift
from mentorship.scheduling.feeds.models import FeedTime
from mentorship.scheduling.groups import queries as group_sessions
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import Audience
from mentorship.scheduling.models import WeeklyHours
from mentorship.scheduling.replies import replies
from mentorship.scheduling.replies.models import Said
from mentorship.scheduling.replies.replies import Reply
from mentorship.scheduling.slots import Away, Span
from mentorship.scheduling.standing import series
from mentorship.scheduling.standing.models import StandingMeeting
from mentorship.scheduling.waiting import queries as waiting
from mentorship.scheduling.waiting import waits
from mentorship.tenancy import memberships, support, terms
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Reach, Role
from mentorship.tenancy.university import arrivals, providers
from mentorship.tenancy.university.claims import Person
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.notifications.nudges.conftest import do_round
from tests.notifications.stories import (
    THREE_DAYS,
    THURSDAY,
    TWO_DAYS,
    WEDNESDAY,
    WORD,
    Pair,
    publish,
    start_run,
    take_a_meet_up,
    wait_for_a_place,
)
from tests.tenancy.university.going import going_on

#: Every mail there is: its template, who reads it, its subject, and what must stand in it.
MAILS: dict[str, tuple[str, str, list[str]]] = {
    "role_changed given": (
        "sol",
        "You are coordinator of Lakeside EMIG",
        ["until the end of May 31, 2026", "did not expect this", "/c/lakeside/"],
    ),
    "role_changed taken": (
        "sol",
        "You are not chapter officer of Lakeside EMIG anymore",
        ["Your role as chapter officer of Lakeside EMIG is over.", "/c/lakeside/"],
    ),
    "membership taken out": (
        "sol",
        "You are not in Lakeside EMIG anymore",
        ["for 30 days you can be brought back", "/c/lakeside/"],
    ),
    "membership brought back": (
        "sol",
        "You are in Lakeside EMIG again",
        ["stay ended", "/c/lakeside/"],
    ),
    "membership invited": (
        "sol",
        "Lakeside EMIG expects you",
        ["need no password", "/c/lakeside/"],
    ),
    "handed_over": (
        "sol",
        "Cora Winslow hands over to you",
        ["named you coordinator of Lakeside EMIG", "/c/lakeside/settings/hand-over/"],
    ),
    "support asked": (
        "cora",
        "The network asks to help in Lakeside EMIG",
        ["net@example.org asks to be let into", "A run is stuck.", "/settings/support"],
    ),
    "support began": (
        "cora",
        "The network may help in Lakeside EMIG now",
        ["Cora Winslow has let net@example.org into", "Tue, Mar 3, 12:00 PM CST", "any of you"],
    ),
    "support ended": (
        "cora",
        "Nobody of the network is in Lakeside EMIG anymore",
        ["Nothing is open to them.", "/settings/support"],
    ),
    "chapter_end_asked": (
        "adler",
        "Cora Winslow wants Lakeside EMIG removed",
        ["a coordinator and a faculty advisor both have to want it", "/settings/end"],
    ),
    "chapter_end_set": (
        "sol",
        "Lakeside EMIG will be removed Mon, Mar 16, 1:00 PM CDT",
        ["Cora Winslow and Dr. Adler decided it together", "/account/data"],
    ),
    "chapter_end_stopped": (
        "sol",
        "Lakeside EMIG stays",
        ["Dr. Adler decided", "Everything is as it was", "/c/lakeside/"],
    ),
    "agenda": (
        "mara",
        "Agenda for Wed, Mar 4 with Sol Adair",
        [
            "25 minutes with Sol Adair, Wednesday, March 4, 2:00 to 2:25 PM EST.",
            "1. Which one would you drop? (5 min)",
            "/c/lakeside/meetings/",
        ],
    ),
    "feed_quiet": (
        "mara",
        "Your times are not offered: Lakeside shifts needs you",
        [
            "was last read on Mon, Feb 23, 1:00 PM EST",
            "The calendar's server is too slow.",
            "no free times of yours",
            "/hours/calendars",
        ],
    ),
    "nudges": (
        "sol",
        "A first meeting with Dr. Quist",
        [
            "You and Dr. Mara Quist were paired on Sun, Feb 8, and have not met yet.",
            "Ask Dr. Quist for a time:",
            "/c/lakeside/mail",
            "No reminders at all:",
        ],
    ),
    "meeting_clash to the mentor": (
        "mara",
        "Your calendar now takes Wed, Mar 4, 2:00 PM EST, with Sol Adair",
        ["Wednesday, March 4, 2:00 to 2:25 PM EST", "Nothing is cancelled.", "/meetings/"],
    ),
    "meeting_clash to the student": (
        "sol",
        "Wed, Mar 4, 1:00 PM CST: Dr. Mara Quist’s calendar has changed",
        ["Wednesday, March 4, 1:00 to 1:25 PM CST", "you need not do anything", "/meetings/"],
    ),
    "meeting_requested": (
        "mara",
        "Sol Adair asks for 25 minutes",
        [
            "Wednesday, March 4, 2:00 to 2:25 PM EST",
            "Application mentoring",
            "away rotations",
            "held for you until Wed, Mar 4, 2:00 PM EST",
            "/profile",
        ],
    ),
    "meeting_moved to the student": (
        "sol",
        "Dr. Mara Quist proposes another time",
        ["Thursday, March 5, 2:00 to 2:25 PM CST", "instead of Wed, Mar 4, 1:00 PM CST"],
    ),
    "meeting_moved to the mentor": (
        "mara",
        "Sol Adair proposes another time",
        ["Thursday, March 5, 3:30 to 3:55 PM EST", "or to decline"],
    ),
    "meeting_reminder to the mentor": (
        "mara",
        "Sol Adair waits for your answer",
        ["Thursday, March 5, 3:00 to 3:25 PM EST", "lapses on Thu, Mar 5, 1:00 PM EST"],
    ),
    "meeting_reminder to the student": (
        "sol",
        "Dr. Mara Quist waits for your answer",
        ["Thursday, March 5, 2:00 to 2:25 PM CST"],
    ),
    "meeting_accepted to the mentor": (
        "mara",
        "Wed, Mar 4, 2:00 PM EST with Sol Adair",
        ["Wednesday, March 4, 2:00 to 2:25 PM EST", "To see the agenda"],
    ),
    "meeting_accepted to the student": (
        "sol",
        "Wed, Mar 4, 1:00 PM CST with Dr. Mara Quist",
        ["Wednesday, March 4, 1:00 to 1:25 PM CST", "To write the agenda"],
    ),
    "meeting_declined": (
        "sol",
        "Dr. Mara Quist cannot take this on",
        [WORD, "/find?kind=application"],
    ),
    "meeting_declined with a name": (
        "sol",
        "Dr. Mara Quist suggests Dr. Ona Reyes",
        [WORD, "A better person to ask may be Dr. Ona Reyes", "/mentors/"],
    ),
    "meeting_withdrawn": (
        "mara",
        "Sol Adair no longer needs Wed, Mar 4, 2:00 PM EST",
        ["The time is yours again"],
    ),
    "meeting_lapsed": (
        "sol",
        "No answer came from Dr. Mara Quist",
        ["Your request for Wed, Mar 4, 1:00 PM CST has lapsed", "/find?kind=application"],
    ),
    "meeting_lapsed with the next mentor": (
        "sol",
        "No answer came from Dr. Mara Quist",
        ["Dr. Ona Reyes takes this kind of conversation", "/ask?again=", "/find?kind=application"],
    ),
    "meeting_declined with the next mentor": (
        "sol",
        "Dr. Mara Quist cannot take this on",
        [WORD, "Dr. Ona Reyes takes this kind of conversation", "/ask?again="],
    ),
    "meeting_next_asked": (
        "sol",
        "Dr. Ona Reyes is asked for Wed, Mar 4, 1:00 PM CST",
        ["nothing came of your request to Dr. Mara Quist", "1:00 to 1:25 PM CST", "withdraw it"],
    ),
    "meeting_next_not_asked": (
        "sol",
        "Dr. Ona Reyes could not be asked",
        ["Nobody is asked.", "/find?kind=application"],
    ),
    "meeting_calendar_no to whoever said it": (
        "sol",
        "Still on: Wed, Mar 4, 1:00 PM CST with Dr. Mara Quist",
        ["That alone calls nothing off, and Dr. Mara Quist knows.", "/meetings/"],
    ),
    "meeting_calendar_no to the other": (
        "mara",
        "Sol Adair’s calendar says no to Wed, Mar 4, 2:00 PM EST",
        ["2:00 to 2:25 PM EST", "You need not do anything.", "/meetings/"],
    ),
    "meeting_reply_unused": (
        "mara",
        "We could not use your answer about Wed, Mar 4, 2:00 PM EST",
        ["We could not tell whether your mail says yes or no.", "Nothing has changed by it"],
    ),
    "meeting_cancelled to the other": (
        "sol",
        "Called off: Wed, Mar 4, 1:00 PM CST with Dr. Mara Quist",
        ["Dr. Mara Quist has called off", WORD, "out of your calendar"],
    ),
    "meeting_cancelled to whoever did it": (
        "mara",
        "Called off: Wed, Mar 4, 2:00 PM EST with Sol Adair",
        ["You have called off"],
    ),
    "meeting_other_times": (
        "sol",
        "Dr. Mara Quist asks to move Wed, Mar 4, 1:00 PM CST",
        ["- Thu, Mar 5, 2:00 PM CST", WORD, "Answer by Wed, Mar 4, 1:00 PM CST"],
    ),
    "meeting_rescheduled to the mentor": (
        "mara",
        "Moved to Thu, Mar 5, 3:00 PM EST, with Sol Adair",
        ["Thursday, March 5, 3:00 to 3:25 PM EST", "instead of Wed, Mar 4, 2:00 PM EST"],
    ),
    "meeting_rescheduled to the student": (
        "sol",
        "Moved to Thu, Mar 5, 2:00 PM CST, with Dr. Mara Quist",
        ["Thursday, March 5, 2:00 to 2:25 PM CST", "moves the entry in your calendar"],
    ),
    "meeting_time_kept by the other": (
        "mara",
        "Wed, Mar 4, 2:00 PM EST with Sol Adair stays",
        ["as agreed before.", "propose other times or call it off"],
    ),
    "meeting_time_kept by nobody": (
        "mara",
        "Wed, Mar 11, 3:00 PM EDT with Sol Adair stays",
        ["No answer came about another time."],
    ),
    "meet_up_taken to the student": (
        "sol",
        "Mon, Mar 9, 10:00 AM PDT with Dr. Mara Quist",
        ["10:00 to 10:10 AM PDT, by the clocks there", "booth 12", "“Which fellowship?”"],
    ),
    "meet_up_taken to the mentor": (
        "mara",
        "Mon, Mar 9, 10:00 AM PDT with Sol Adair",
        ["Sol Adair has taken 10 of your minutes", "booth 12", "“Which fellowship?”"],
    ),
    "meet_up_given_back": (
        "mara",
        "Given back: Mon, Mar 9, 10:00 AM PDT with Sol Adair",
        ["Sol Adair has given back", "out of your calendar"],
    ),
    "meet_up_called_off": (
        "sol",
        "Called off: Mon, Mar 9, 10:00 AM PDT with Dr. Mara Quist",
        ["Dr. Mara Quist has called off", "out of your calendar"],
    ),
    "place_offered": (
        "sol",
        "A place with Dr. Mara Quist has opened",
        ["for career mentoring", "held for you until Thu, Mar 5, 12:00 PM CST", "/w/"],
    ),
    "place_taken": (
        "mara",
        "Sol Adair has taken the place that opened",
        ["for career mentoring", "“Her talk on toxicology.”", "/pairings/", "/profile"],
    ),
    "place_lapsed": (
        "sol",
        "The place with Dr. Mara Quist has gone to the next",
        ["put yourself on the list again", "/wait"],
    ),
    "check_in to the mentor": (
        "mara",
        "A check-in from Sol Adair",
        ["Going well", "I sent the first application.", "No reply is needed"],
    ),
    "check_in to the student": (
        "sol",
        "A check-in from Dr. Mara Quist",
        ["Going well", "I sent the first application."],
    ),
    "pairing_ended by the student": (
        "mara",
        "Your pairing with Sol Adair has come to its end",
        ["Sol Adair has closed your application pairing.", "nobody is marked down"],
    ),
    "pairing_ended as complete": (
        "sol",
        "Your pairing with Dr. Mara Quist has come to its end",
        ["It has done what it was for"],
    ),
    "pairing_ended as no fit": (
        "sol",
        "Your pairing with Dr. Mara Quist has come to its end",
        ["nobody is marked down for one.", "there you can ask for another mentor"],
    ),
    "item_handed_over": (
        "mara",
        "Sol Adair has handed you an action item",
        ["an action item, due Friday, March 6.", "“Thin out the away rotations”", "hand it back"],
    ),
    "item_handed_over by taking it": (
        "sol",
        "Dr. Mara Quist has taken over an action item of yours",
        ["There is nothing for you to do."],
    ),
    "pairing_paused": (
        "mara",
        "Sol Adair has paused your pairing until Monday, April 6",
        ["on pause, until Monday, April 6", "“Step 2.”", "the place is kept", "/pairings/"],
    ),
    "pairing_paused without a day": (
        "sol",
        "Dr. Mara Quist has paused your pairing",
        ["Either of you takes it up again."],
    ),
    "pairing_resumed by the student": (
        "mara",
        "Your pairing with Sol Adair goes on",
        ["Sol Adair has taken your application pairing up again.", "/check-in"],
    ),
    "pairing_resumed by time": (
        "sol",
        "Your pairing with Dr. Mara Quist goes on",
        ["The pause is over", "/check-in"],
    ),
    "pairing_reopened": (
        "mara",
        "Your pairing with Sol Adair is open again",
        ["has taken back that your application pairing has ended"],
    ),
    "file_shown": (
        "mara",
        "Sol Adair shows you a file",
        ["Nobody else sees what you say about it there", "/c/lakeside/files/"],
    ),
    "agreement_written": (
        "sol",
        "Dr. Mara Quist has written down what the two of you agree on",
        ["change what you see differently", "#agreement"],
    ),
    "fit_check to the student": (
        "sol",
        "Your first meeting with Dr. Mara Quist: is it a fit?",
        ["neither of you sees what the other says", "/f/"],
    ),
    "fit_check to the mentor": (
        "mara",
        "Your first meeting with Sol Adair: is it a fit?",
        ["for you alone", "/f/"],
    ),
    "concern_waits": (
        "adler",
        "Something in Lakeside EMIG needs you",
        ["by Tue, Mar 3, 12:00 PM CST", "is not in this mail", "/concerns/"],
    ),
    "concern_late": (
        "adler",
        "Still unseen: something in Lakeside EMIG needs you",
        ["to be seen by Tue, Mar 3, 12:00 PM CST", "is not in this mail", "/concerns/"],
    ),
    "concern_moved": (
        "sol",
        "What you sent in has moved on",
        ["is not in this mail", "/concerns/"],
    ),
    "run_ready": (
        "cora",
        "A draft of 1 pair is ready to review",
        ["Matching run 1 has drafted 1 pair and left 7 wishes open", "Nobody sees it"],
    ),
    "run_failed": (
        "cora",
        "Matching run 1 did not finish",
        ["Nothing was changed"],
    ),
    "run_published to the student": (
        "sol",
        "You are paired with Dr. Mara Quist",
        ["- Dr. Mara Quist, ", "one short talk within three weeks"],
    ),
    "run_published to the mentor": (
        "mara",
        "You are paired with Sol Adair",
        ["- Sol Adair, "],
    ),
    "run_published to somebody without a pair": (
        "kit",
        "No pair for you in this run",
        ["Still open", "- Wellness. ", "You come first in the next run"],
    ),
    "session_asked": (
        "mara",
        "A group session with you: Rank lists",
        ["meet 2 students at once", "Thursday, March 5, 3:00 to 4:00 PM EST", "/sessions/"],
    ),
    "session_opened": (
        "mara",
        "Thu, Mar 5, 3:00 PM EST: Rank lists",
        ["is open, with 2 seats", "Where: Room 4", "/sessions/"],
    ),
    "session_declined": (
        "cora",
        "Dr. Mara Quist cannot do Rank lists",
        [WORD, "/sessions/open"],
    ),
    "session_changed to the mentor": (
        "mara",
        "Changed to Fri, Mar 6, 3:00 PM EST: Rank lists",
        ["Where: Room 9", "moves the entry in your calendar", "/sessions/"],
    ),
    "session_changed to a student": (
        "sol",
        "Changed to Fri, Mar 6, 2:00 PM CST: Rank lists",
        ["with Dr. Mara Quist", "Where: Room 9", "moves the entry in your calendar"],
    ),
    "session_reminder to the mentor": (
        "mara",
        "Thu, Mar 5, 3:00 PM EST: Rank lists",
        ["is soon", "To see who comes"],
    ),
    "session_reminder to a student": (
        "sol",
        "Thu, Mar 5, 2:00 PM CST: Rank lists",
        ["with Dr. Mara Quist is soon", "Where: Room 4", "to give your seat to the next in line"],
    ),
    "session_called_off to the mentor": (
        "mara",
        "Called off: Rank lists, Thu, Mar 5, 3:00 PM EST",
        ["Your group session", "/sessions"],
    ),
    "session_called_off to a student": (
        "sol",
        "Called off: Rank lists, Thu, Mar 5, 2:00 PM CST",
        [WORD, "with Dr. Mara Quist", "/sessions"],
    ),
    "time_clash of a session": (
        "mara",
        "Your calendar now takes Thu, Mar 5, 3:00 PM EST: Rank lists",
        ["Thursday, March 5, 3:00 to 4:00 PM EST", "nobody else is told", "/sessions/"],
    ),
    "time_clash at a conference": (
        "mara",
        "Your calendar now takes Mon, Mar 9, 1:00 PM EDT: meet-ups at ACEP Scientific Assembly",
        ["Nothing is changed", "/conference/"],
    ),
    "meet_up_taken as it was moved": (
        "sol",
        "Tue, Mar 10, 10:00 AM PDT with Dr. Mara Quist",
        ["Dr. Mara Quist has moved your meet-up", "moves it in your calendar", "booth 7"],
    ),
    "thanks": (
        "mara",
        "Thanks from Sol Adair",
        ["for your talk on Monday, March 2", "“The tip about signals.”", "/pairings/"],
    ),
    "update to a mentor": (
        "mara",
        "An update from Sol Adair",
        ["You asked about airways.", "I saw my first one.", "No reply is needed.", "/y/"],
    ),
    "seat_taken": (
        "sol",
        "Thu, Mar 5, 2:00 PM CST: Rank lists",
        ["You have a seat", "with Dr. Mara Quist", "Where: Room 4", "/sessions/"],
    ),
    "seat_left": (
        "sol",
        "Given back: your seat on Thu, Mar 5, 2:00 PM CST",
        ["This mail takes it out of your calendar.", "/sessions"],
    ),
    "seat_ended": (
        "sol",
        "Not for you anymore: Rank lists",
        ["is not open to you anymore", "your seat has ended", "/sessions"],
    ),
    "seat_ended as it was moved": (
        "sol",
        "Not for you anymore: Rank lists",
        ["was moved to Fri, Mar 6, 2:00 PM CST, when you have something else"],
    ),
    "standing_proposed": (
        "mara",
        "Sol Adair would like to meet you regularly",
        ["every 2 weeks", "25 minutes", "away rotations", "/standing"],
    ),
    "standing_proposed as recalled": (
        "mara",
        "Sol Adair waits for your answer",
        ["both are good answers", "the only reminder", "held for both of you", "/standing"],
    ),
    "standing_agreed": (
        "sol",
        "Standing meeting with Dr. Mara Quist",
        ["Wed, Mar 4, 1:00 PM CST", "Wed, Mar 18, 1:00 PM CDT", "/standing"],
    ),
    "standing_closed as declined": (
        "sol",
        "No standing meeting with Dr. Mara Quist for now",
        [WORD, "does not want to meet every 2 weeks", "/standing"],
    ),
    "standing_closed as taken back": (
        "mara",
        "No standing meeting with Sol Adair for now",
        ["has taken the standing meeting back", "/standing"],
    ),
    "standing_closed as lapsed": (
        "sol",
        "No standing meeting with Dr. Mara Quist for now",
        ["has not answered in time", "it says nothing about you"],
    ),
    "standing_left_out": (
        "sol",
        "Left out: Wed, Apr 15, 1:00 PM CDT with Dr. Mara Quist",
        ["Dr. Quist", "The other dates stay as they are."],
    ),
    "standing_stopped": (
        "sol",
        "Dr. Mara Quist has stopped your standing meeting",
        [WORD, "The two of you stay paired", "/standing"],
    ),
    "account_event": (
        "sol",
        "A passkey was added to your account",
        ["“Phone” was added", "When: Mon, Mar 2, 12:00 PM CST", "/account/activity"],
    ),
    "account_event of a copy": (
        "sol",
        "A copy of your data is ready",
        ["A copy of everything about you was made", "/account/data"],
    ),
    "address_link": (
        "new",
        "Confirm your new address for Curbside",
        ["once, for an hour", "http://localhost/account/address/"],
    ),
    "address_taken": (
        "mara",
        "You have an account at Curbside already",
        ["nothing was changed", "http://localhost/sign-in"],
    ),
    "address_changed": (
        "sol",
        "Your address at Curbside was changed",
        ["works until Mon, Mar 9, 1:00 PM CDT", "http://localhost/"],
    ),
    "university_link": (
        "sol",
        "Was it you? Lakeside University and Lakeside EMIG",
        ["as Sol A.", "once, for 10 minutes", "http://localhost/c/lakeside/auth/"],
    ),
    "university_secret": (
        "cora",
        "The secret for Lakeside University ends on Wed, Apr 1",
        ["by mail and with passkeys only", "/c/lakeside/settings/"],
    ),
    "university_changed": (
        "cora",
        "Lakeside University knows Sol Adair under another number",
        ["nobody was let in", "Ask Sol Adair.", "http://localhost/account"],
    ),
    "sign_in": (
        "sol",
        "Your sign-in link for Curbside",
        ["http://localhost/sign-in/", "once, for 10 minutes"],
    ),
}


@pytest.fixture
def story(request, app, lakeside, mara, sol, cora, pair, now, work, at, monkeypatch):
    """Bring a mail about; the people in it are known by their first names."""
    people = {"mara": mara, "sol": sol, "cora": cora}

    def as_cora(verb: Callable[..., object], *args: object, **facts: object) -> object:
        with scope.chapter(lakeside.id):
            done = verb(*args, **facts, by=cora, now=now)
            db.session.commit()
            return getattr(done, "id", None)

    def role_changed_given() -> None:
        term = terms.of_days(None, date(2026, 5, 31), zone=lakeside.zone)
        as_cora(memberships.appoint, sol, Role.COORDINATOR, term=term)

    def role_changed_taken() -> None:
        as_cora(memberships.appoint, sol, Role.OFFICER)
        as_cora(memberships.dismiss, sol, Role.OFFICER)

    def membership_taken_out() -> None:
        as_cora(memberships.leave, sol)

    def membership_brought_back() -> None:
        membership_taken_out()
        as_cora(memberships.bring_back, sol)

    def membership_invited() -> None:
        as_cora(memberships.invite, sol)

    def handed_over() -> None:
        facts = {"starts_at": now + timedelta(days=9), "words": "Ask the dean first."}
        as_cora(memberships.hand_over, Role.COORDINATOR, to=sol, **facts)

    def support_asked() -> None:
        user_id = make.network_admin("net@example.org")
        with scope.chapter(lakeside.id):
            support.ask(user_id, why="A run is stuck.", reach=Reach.READS, now=now)
            db.session.commit()

    def support_began() -> UUID:
        make.network_admin("net@example.org")
        facts = {"email": "net@example.org", "why": "A run is stuck.", "reach": Reach.READS}
        return as_cora(support.let_in, **facts, lasts=support.USUAL)

    def support_ended() -> None:
        as_cora(support.end, support_began())

    def requested() -> None:
        pair.ask()

    def moved_to_the_student() -> None:
        pair.move(pair.ask(), mara)

    def moved_to_the_mentor() -> None:
        meeting_id = pair.ask()
        pair.move(meeting_id, mara)
        pair.move(meeting_id, sol, to=THURSDAY.replace(minute=30))

    def reminder_to_the_mentor() -> None:
        pair.ask(at=THURSDAY)
        work()
        work(until=at(now + TWO_DAYS))

    def reminder_to_the_student() -> None:
        pair.move(pair.ask(), mara)
        work()
        work(until=at(now + TWO_DAYS))

    def accepted() -> None:
        pair.agree()

    def declined() -> None:
        pair.do(meetings.decline, pair.ask(), mara, word=WORD)

    def declined_with_a_name() -> None:
        ona = make.mentor(lakeside, "Dr. Ona Reyes")
        pair.do(meetings.decline, pair.ask(), mara, word=WORD, referred_to=ona)

    def withdrawn() -> None:
        pair.do(meetings.withdraw, pair.ask(), sol)

    def lapsed() -> None:
        pair.ask()
        work()
        work(until=at(now + THREE_DAYS))

    def lapsed_with_the_next_mentor() -> None:
        make.mentor(lakeside, "Dr. Ona Reyes", hours=make.WEEKDAYS)
        lapsed()

    def declined_with_the_next_mentor() -> None:
        make.mentor(lakeside, "Dr. Ona Reyes", hours=make.WEEKDAYS)
        declined()

    def chosen(**more: object) -> UUID:
        ona = make.mentor(lakeside, "Dr. Ona Reyes", hours=make.WEEKDAYS, **more)
        meeting_id = pair.ask()
        pair.do(next_choices.choose, meeting_id, sol, mentor_id=ona.id)
        return meeting_id

    def next_asked() -> None:
        pair.do(meetings.decline, chosen(), mara)

    def next_not_asked() -> None:
        meeting_id = chosen()
        pair.do(meetings.decline, meeting_id, mara)
        with scope.chapter(lakeside.id):
            db.session.execute(update(WeeklyHours).values(opens=time(3), closes=time(3, 5)))
            db.session.commit()

    def calendar_no_to_whoever_said_it() -> None:
        pair.do(replies.take, pair.agree(), sol, reply=Reply(Said.DECLINED))

    calendar_no_to_the_other = calendar_no_to_whoever_said_it

    def reply_unused() -> None:
        pair.do(replies.take, pair.ask(), mara, reply=Reply(Said.UNCLEAR, typed=True))

    def cancelled() -> None:
        pair.do(meetings.cancel, pair.agree(), mara, word=WORD)

    def other_times() -> UUID:
        meeting_id = pair.agree()
        pair.do(reschedules.propose, meeting_id, mara, starts=[THURSDAY], word=WORD)
        return meeting_id

    def rescheduled() -> None:
        pair.do(reschedules.agree, other_times(), sol, starts_at=THURSDAY)

    def time_kept_by_the_other() -> None:
        pair.do(reschedules.keep, other_times(), sol)

    def time_kept_by_nobody() -> None:
        meeting_id = pair.ask(at=WEDNESDAY + timedelta(days=7))
        pair.do(meetings.accept, meeting_id, mara)
        pair.do(reschedules.propose, meeting_id, mara, starts=[WEDNESDAY + timedelta(days=8)])
        work()
        work(until=at(now + THREE_DAYS))

    def agenda() -> None:
        pair.agree()
        work()
        with scope.chapter(lakeside.id):
            sendings.send_due(now=at(WEDNESDAY - timedelta(hours=24)))
            db.session.commit()

    def check_in_to_the_mentor() -> None:
        pair.check_in(sol, "I sent the first application.")

    def check_in_to_the_student() -> None:
        pair.check_in(mara, "I sent the first application.")

    def ended_by_the_student() -> None:
        pair.end(sol)

    def ended_as_complete() -> None:
        pair.end(mara, state=PairingState.COMPLETED)

    def ended_as_no_fit() -> None:
        pair.meet_once(fit=Fit.NOT_A_FIT)

    def item_handed_over() -> None:
        pair.hand_over(by=sol, to=mara)

    def item_handed_over_by_taking_it() -> None:
        pair.hand_over(by=mara, to=mara)

    def paused() -> None:
        pair.pause(sol, why="Step 2.", until=date(2026, 4, 6))

    def paused_without_a_day() -> None:
        pair.pause(mara)

    def resumed_by_the_student() -> None:
        pair.pause(sol)
        pair.on(pauses.resume, sol)

    def resumed_by_time() -> None:
        pair.pause(sol, until=date(2026, 4, 6))
        work(until=at(datetime(2026, 4, 6, 14, tzinfo=UTC)))

    def reopened() -> None:
        pair.end(sol)
        pair.on(partings.reopen, sol)

    def file_shown() -> None:
        pairing_id = make.pairing(mara, sol, pair.kind)
        document_id = make.document(sol, pairing_id, name=WORD)["document_id"]
        with scope.chapter(sol.chapter_id):
            document = db.session.get(Document, (sol.chapter_id, document_id))
            shares.stop(document, pairing_id=pairing_id, by=sol, now=now)
            for _ in range(2):  # the second time, only the day is new
                shares.show(document, pairing_id=pairing_id, until=None, by=sol, now=now)
            db.session.commit()

    def agreement_written() -> None:
        make.pairing(mara, sol, pair.kind)
        terms = Terms("Monthly", "Video", "The list", "All of it")
        pair.on(agreements.write, mara, terms=terms, seen_version=0)

    def fit_check() -> None:
        pair.meet_once()

    def run_ready() -> None:
        _somebody_without_a_pair()
        start_run(cora, now=now)

    def run_failed() -> None:
        monkeypatch.setattr("mentorship.matching.engine.solve.decided", lambda *_, **__: 1 / 0)
        start_run(cora, now=now)

    def run_published() -> None:
        _somebody_without_a_pair()
        run_id = start_run(cora, now=now)
        work()
        publish(run_id, cora, now=now)

    def _somebody_without_a_pair() -> None:
        people["kit"] = kit = make.student(lakeside, "Kit Mori")
        with scope.chapter(lakeside.id):
            conflicts.block(other=mara, by=kit, now=now)
            db.session.commit()

    def feed_quiet() -> None:
        make.calendar_feed(
            mara,
            name="Lakeside shifts",
            address=b"sealed",
            state="failing",
            problem="The calendar's server is too slow.",
            read_at=now - timedelta(days=7),
            good_until=now,
        )
        pulling.tell_of_quiet(now=now)

    def clash_to_the_mentor() -> None:
        pair.agree()
        ends_at = WEDNESDAY + timedelta(minutes=25)
        clash = clashes.Clash(Span(WEDNESDAY, ends_at), Span(WEDNESDAY, ends_at))
        clashes.tell(mara.user_id, clash, now=now)

    clash_to_the_student = clash_to_the_mentor

    def meet_up_taken() -> UUID:
        return take_a_meet_up(mara, sol, now=now)

    def meet_up_given_back() -> None:
        block_id = meet_up_taken()
        with scope.chapter(sol.chapter_id):
            meet_up = conference.mine(block_id, member=sol)
            meetups.give_back(meet_up, by=sol, now=now)
            db.session.commit()

    def meet_up_called_off() -> None:
        block_id = meet_up_taken()
        with scope.chapter(mara.chapter_id):
            block = conference.block(block_id, member=mara)
            meetups.call_off(block, by=mara, now=now)
            db.session.commit()

    def session(*, by: Member = mara) -> UUID:
        return make.group_session(
            mara, starts_at=THURSDAY, title="Rank lists", audience=Audience.MENTEES, by=by
        )

    def on_session(verb: Callable[..., object], session_id: UUID, by: Member, **facts) -> None:
        with scope.chapter(by.chapter_id):
            verb(group_sessions.session(session_id, member=by), by=by, now=now, **facts)
            db.session.commit()

    def session_asked() -> None:
        session(by=cora)

    def session_opened() -> None:
        session()

    def session_declined() -> None:
        on_session(sessions.decline, session(by=cora), mara, word=WORD)

    def seat_taken() -> UUID:
        make.pairing(mara, sol, pair.kind)
        session_id = session()
        on_session(sessions.join, session_id, sol)
        return session_id

    def session_changed() -> None:
        moved = THURSDAY + timedelta(days=1)
        on_session(sessions.change, seat_taken(), mara, starts_at=moved, place="Room 9")

    def session_reminder() -> None:
        seat_taken()
        work()
        with scope.chapter(lakeside.id):
            sessions.tend(now=at(THURSDAY - timedelta(hours=24)))
            db.session.commit()

    def session_called_off() -> None:
        on_session(sessions.call_off, seat_taken(), mara, word=WORD)

    def seat_left() -> None:
        session_id = seat_taken()
        with scope.chapter(sol.chapter_id):
            seat = group_sessions.my_seat(session_id, member=sol)
            sessions.leave(seat, by=sol, now=now)
            db.session.commit()

    def seat_ended() -> None:
        seat_taken()
        with scope.chapter(lakeside.id):
            conflicts.block(other=mara, by=sol, now=now)
            sessions.tend(now=now)
            db.session.commit()

    def seat_ended_as_it_was_moved() -> None:
        ona, moved = make.mentor(lakeside, "Dr. Ona Reyes"), THURSDAY + timedelta(days=1)
        make.meeting(ona, sol, make.pairing(ona, sol, Kind.CAREER), starts_at=moved)
        on_session(sessions.change, seat_taken(), mara, starts_at=moved, place="Room 9")

    def time_clash_of_a_session() -> None:
        session()
        ends_at = THURSDAY + timedelta(hours=1)
        clash = clashes.Clash(Span(THURSDAY, ends_at), Span(THURSDAY, ends_at))
        clashes.tell(mara.user_id, clash, now=now)

    def time_clash_at_a_conference() -> None:
        starts_at = datetime(2026, 3, 9, 17, tzinfo=UTC)
        make.conference_block(mara, starts_at=starts_at)
        feed_id = make.calendar_feed(mara, good_until=now + timedelta(days=7))
        span = Span(starts_at, starts_at + timedelta(hours=1))
        db.session.add(
            FeedTime(
                user_id=mara.user_id,
                feed_id=feed_id,
                blocks=Blocks.SHIFT,
                shift=Shift.DAY,
                starts_at=span.starts_at,
                ends_at=span.ends_at,
                seen_at=now,
            )
        )
        db.session.commit()
        clashes.tell(mara.user_id, clashes.Clash(span, span), now=now)

    def meet_up_taken_as_it_was_moved() -> None:
        block_id = meet_up_taken()
        with scope.chapter(mara.chapter_id):
            block = conference.block(block_id, member=mara)
            moved = block.starts_at + timedelta(days=1)
            meetups.change(block, starts_at=moved, place="booth 7", by=mara, now=now)
            db.session.commit()

    def standing_proposed() -> UUID:
        return pair.propose_standing()

    def standing_proposed_as_recalled() -> None:
        standing_proposed()
        work()
        work(until=at(now + timedelta(hours=44)))

    def on_standing(verb: Callable[..., object], by: Member, **facts: object) -> None:
        standing_id = pair.propose_standing()
        with scope.chapter(by.chapter_id):
            found = db.session.get(StandingMeeting, (by.chapter_id, standing_id))
            if verb is series.stop:
                series.agree(found, by=mara, now=now)
            verb(found, by=by, now=now, **facts)
            db.session.commit()

    def standing_agreed() -> None:
        on_standing(series.agree, mara)

    def standing_closed_as_declined() -> None:
        on_standing(series.close, mara, word=WORD)

    def standing_closed_as_taken_back() -> None:
        on_standing(series.close, sol)

    def standing_closed_as_lapsed() -> None:
        standing_proposed()
        work()
        work(until=at(now + THREE_DAYS))

    def standing_left_out() -> None:
        standing_agreed()
        with scope.chapter(lakeside.id):
            gone = Away(date(2026, 4, 15), date(2026, 4, 15))
            days.leave(away=gone, by=mara, now=now)
            [standing_id] = series.due()
            series.extend(standing_id, now=at(now + timedelta(days=14)))
            db.session.commit()

    def standing_stopped() -> None:
        on_standing(series.stop, mara, word=WORD)

    def concern_waits() -> UUID:
        people["adler"] = make.member(lakeside, Role.ADVISOR, name="Dr. Adler")
        with scope.chapter(sol.chapter_id):
            concern_id = concerns.report(words="x", about=mara, by=sol, now=now).id
            db.session.commit()
        return concern_id

    def concern_late() -> None:
        concern_waits()
        work(until=at(now + timedelta(days=1)))

    def concern_moved() -> None:
        concern_id, adler = concern_waits(), people["adler"]
        with scope.chapter(sol.chapter_id):
            found = safety.concern(concern_id, member=adler, for_update=True)
            concerns.look(found, by=adler, now=now)
            db.session.commit()

    def chapter_end_asked() -> None:
        people["adler"] = make.member(lakeside, Role.ADVISOR, name="Dr. Adler")
        with scope.chapter(lakeside.id):
            endings.ask_for_removal(lakeside, typed=lakeside.name, by=people["cora"], now=now)
            db.session.commit()

    def chapter_end_set() -> None:
        chapter_end_asked()
        with scope.chapter(lakeside.id):
            adler = people["adler"]
            endings.confirm_removal(lakeside, typed=lakeside.name, by=adler, now=now)
            db.session.commit()

    def chapter_end_stopped() -> None:
        chapter_end_set()
        work()
        with scope.chapter(lakeside.id):
            endings.stop_removal(lakeside, by=people["adler"], now=now)
            db.session.commit()

    def nudges() -> None:
        make.pairing(mara, sol, pair.kind, began_at=now - timedelta(days=22))
        do_round()

    def place_offered() -> None:
        wait_for_a_place(mara, sol, now=now)
        work()

    def place_taken() -> None:
        wait_id = wait_for_a_place(mara, sol, now=now)
        work()
        with scope.chapter(sol.chapter_id):
            waits.take(waiting.my_wait(wait_id, member=sol), by=sol, now=now)
            db.session.commit()

    def place_lapsed() -> None:
        place_offered()
        work(until=at(now + THREE_DAYS))

    def thanks() -> None:
        pair.thank("The tip about signals.")

    def update_to_a_mentor() -> None:
        pair.send_update("I saw my first one.", line="You asked about airways.")
        work(until=at(now + updates.WAITS))

    def account_event() -> None:
        facts = {"user_id": sol.user_id, "name": "Phone"}
        account_trail.record(AccountDeed.PASSKEY_ADDED, **facts, now=now)
        db.session.commit()

    def account_event_of_a_copy() -> None:
        account_trail.record(AccountDeed.EXPORT_MADE, user_id=sol.user_id, now=now)
        db.session.commit()

    def address_asked(email: str) -> None:
        addresses.ask(sol.user_id, email=email, now=now)
        db.session.commit()

    def address_link() -> None:
        people["new"] = replace(sol, email="sol.new@example.org")
        address_asked("sol.new@example.org")

    def address_taken() -> None:
        address_asked(mara.email)

    def address_changed() -> None:
        secret = app.config["SECRET_KEY"]
        address_asked("sol.new@example.org")
        change_id = db.session.scalars(select(AddressChange.id)).one()
        token = addresses.token(addresses.asked(change_id), secret=secret)
        addresses.change(token, by=sol.user_id, secrets=[secret], now=now)
        db.session.commit()

    def from_the_university(subject: str, *, by: Member | None = None, vouched: bool) -> None:
        """Sol comes from there; as whom, the university says."""
        person = Person(subject, sol.email, vouched=vouched, name="Sol A.", has_claim=False)
        with scope.chapter(lakeside.id):
            provider = providers.here()
            if by:
                arrivals.connect(provider, person, by=by, now=now)
            else:
                arrivals.arrive(provider, person, next_path="", now=now)
            db.session.commit()

    def university_link() -> None:
        going_on(lakeside)
        from_the_university("1", vouched=False)

    def university_changed() -> None:
        going_on(lakeside)
        from_the_university("1", by=sol, vouched=True)
        from_the_university("2", vouched=True)

    def university_secret() -> None:
        going_on(lakeside, secret_ends_on=date(2026, 4, 1))
        with scope.chapter(lakeside.id):
            providers.warn_of_end(now=now, today=now.date())
            db.session.commit()

    def sign_in() -> None:
        app.test_client().post("/sign-in", data={"email": sol.email})

    return locals()


def mails_of(case: str, story: dict, tray, work) -> list[EmailMessage]:
    name, _, about = case.partition(" ")
    short = name.split("_", 1)[1] if name.startswith(("meeting_", "pairing_")) else name
    candidates = [f"{short} {about}".strip().replace(" ", "_"), short]
    tell: Callable[[], None] = next(story[one] for one in candidates if one in story)
    tell()
    work()
    return tray.to(story["people"][MAILS[case][0]].email)


def html(mail: EmailMessage) -> str:
    return mail.get_body(("html",)).get_content()


def seen(page: str) -> str:
    """What somebody reads of a mail's HTML: no markup, no styles."""
    bare = re.sub(r"<(style|title)\b.*?</\1>", "", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


@pytest.mark.parametrize("case", MAILS)
def test_says(case, story, tray, work):
    reader, subject, told = MAILS[case]

    *_, mail = mails_of(case, story, tray, work)

    assert str(mail["Subject"]) == subject
    assert str(mail["To"]) == story["people"][reader].email
    for fact in told:
        assert fact in words(mail)
    insist_on_manners(mail)
    if case.startswith("meeting_"):  # and never an agenda or notes
        assert not any("would you drop" in words(mail) for mail in tray.mails)


def insist_on_manners(mail: EmailMessage) -> None:
    """What holds for every mail, whatever it says."""
    plain, page = words(mail), html(mail)
    first, *_ = mail.iter_parts()
    assert first.get_content_type() == "text/plain"
    # Plain text is not HTML, and HTML says what the text says.
    assert not re.search(r"&(amp|lt|gt|quot|#\d+);|</?[a-z]+>", plain)
    assert not re.search(r"\n{3,}", plain)
    assert "!" not in plain
    assert str(mail["Subject"]) in seen(page).replace("&#39;", "'")
    # Links lead to base_url, alike in both.
    links = re.findall(r'href="([^"]+)"', page)
    assert links or "taken the request back" in plain
    assert all(link.startswith("http://localhost/") for link in links)
    assert {link for link in re.findall(r"https?://\S+", plain)} >= {
        link.replace("&amp;", "&") for link in links if re.search("/(f|k|r|w|y|sign-in)/", link)
    }
    # It can be read without pictures, and nothing tells us that it was.
    assert not re.search(r"<img|background(-image)?\s*:\s*url|<link|<script", page)
    # What mail programs keep: styles in the elements, and the dark ones in a sheet.
    assert re.search(r"<h1[^>]* style=", page)
    assert "prefers-color-scheme: dark" in page
    assert 'name="color-scheme"' in page
    # Nothing beside the layout's sheet for dark and small screens is left for a program to drop.
    assert page.count("<style") == 1
    # One deed in bold colors at most.
    assert len(re.findall(r'class="button"', page)) <= 1


def test_every_template_is_among_these():
    templates = {path.stem for path in (ROOT / "templates" / "mail").iterdir()}

    assert templates == {case.partition(" ")[0] for case in MAILS}


class TestWellness:
    """Of wellness mentoring a mail says that there is something, and never what."""

    @pytest.fixture
    def pair(self, mara, sol, now):
        return Pair(mara, sol, kind=Kind.WELLNESS, now=now)

    @pytest.mark.parametrize(
        "case",
        [
            case
            for case in MAILS
            if case.startswith(("meeting_", "check_in", "pairing_", "agenda", "standing_", "item_"))
        ],
    )
    def test_holds_nothing_that_they_wrote(self, case, story, tray, work):
        mails = mails_of(case, story, tray, work)

        assert mails
        for mail in tray.mails:
            for written in ("away rotations", WORD, "first application", "would you drop"):
                for part in mail.walk():
                    if part.get_content_maintype() == "text":
                        assert written not in part.get_content()


class TestCalendar:
    def test_an_agreed_meeting_invites_both(self, pair, tray, work, mara, sol):
        pair.agree()
        work()

        for who in (mara, sol):
            mail = tray.to(who.email)[-1]
            kinds = [part.get_content_type() for part in mail.iter_parts()]
            assert kinds == ["text/plain", "text/html", "text/calendar"]
            calendar = list(mail.iter_parts())[-1]
            assert calendar.get_param("method") == "REQUEST"
            assert "METHOD:REQUEST\r\n" in calendar.get_payload(decode=True).decode()
            assert calendar.get_content_disposition() is None
            assert "DTSTART:20260304T190000Z" in calendar.get_payload(decode=True).decode()

    def test_a_meeting_that_is_called_off_leaves_both_calendars(self, pair, tray, work, mara, sol):
        pair.do(meetings.cancel, pair.agree(), sol)
        work()

        # It was called off before the invitations went out: they never do.
        for who in (mara, sol):
            calendar = list(tray.to(who.email)[-1].iter_parts())[-1]
            body = calendar.get_payload(decode=True).decode()
            assert calendar.get_param("method") == "CANCEL"
            assert "METHOD:CANCEL\r\n" in body
            assert "STATUS:CANCELLED" in body
            assert "SEQUENCE:1" in body

    def test_a_meeting_that_moves_is_the_same_entry_one_up(self, pair, tray, work, mara, sol):
        meeting_id = pair.agree()
        work()
        pair.do(reschedules.propose, meeting_id, sol, starts=[THURSDAY])
        pair.do(reschedules.agree, meeting_id, mara, starts_at=THURSDAY)
        work()

        for who in (mara, sol):
            first, second = (
                list(mail.iter_parts())[-1].get_payload(decode=True).decode()
                for mail in tray.to(who.email)
                if len(list(mail.iter_parts())) == 3
            )
            uid = f"UID:{meeting_id}@localhost"
            assert (uid in first, uid in second) == (True, True)
            assert ("SEQUENCE:0" in first, "SEQUENCE:1" in second) == (True, True)
            assert "DTSTART:20260305T200000Z" in second
            assert "METHOD:REQUEST" in second

    def test_a_request_invites_nobody_yet(self, pair, tray, work):
        pair.ask()
        work()

        assert [part.get_content_type() for part in tray.mails[0].iter_parts()] == [
            "text/plain",
            "text/html",
        ]


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "עומר בן-דוד",
            "ليلى حداد",
            "Zoë O'Brien-Núñez",
            "李小龍",
            "Sam 🚑 Ortiz",
            "<b>Bo</b> & Co",
            "A" * 120,
        ],
    )
    def test_arrive_as_they_are(self, lakeside, mara, now, tray, work, name):
        who = make.student(lakeside, name, email="who@example.org")
        pair = Pair(mara, who, now=now)
        meeting_id = pair.ask()
        work()
        pair.do(meetings.accept, meeting_id, mara)
        work()

        asked, settled = tray.to(mara.email)
        assert str(asked["Subject"]) == f"{name} asks for 25 minutes"
        assert name in words(settled)
        assert "<b>Bo</b>" not in html(settled)

    @pytest.mark.parametrize("break_", ["\n", "\r\n", "\u2028", "\x0b"])
    def test_cannot_begin_another_header(self, lakeside, mara, now, tray, work, inside, break_):
        name = f"Eve{break_}Bcc: everybody@example.org"
        who = make.student(lakeside, "Eve", email="eve@example.org")
        with inside(who):
            db.session.execute(update(Membership).where(Membership.id == who.id).values(name=name))

        Pair(mara, who, now=now).ask()
        work()

        [mail] = tray.mails
        assert mail["Bcc"] is None
        assert str(mail["Subject"]) == "Eve Bcc: everybody@example.org asks for 25 minutes"

    def test_of_chapters_stand_in_the_senders_name(self, pair, tray, work):
        pair.ask()
        work()

        assert str(tray.mails[0]["From"]) == "Lakeside EMIG on Curbside <curbside@example.org>"
