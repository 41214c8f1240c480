"""What picking up means: keys, menus, machines, and the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ringback.domain.handling import AgentHears, CallHandling
from ringback.domain.ids import AgentId, LegId, new_id
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import (
    Abilities,
    EndCause,
    LegEventKind,
    LegReport,
    Whereabouts,
)
from ringback.session_management_server.rules import announcements, picking_up
from ringback.session_management_server.rules.leg_states import LegPhase
from ringback.session_management_server.rules.legs import Leg, LegOutcome, ReleaseWhy, fenced

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
KEY = CallHandling(accept_key="1", accept_within=10)
MENU = CallHandling(customer_menu="Press 1, 2 or 9.", customer_menu_within=15)
KIND = LegEventKind


def leg(party: Party = Party.AGENT) -> Leg:
    agent = AgentId(new_id()) if party is Party.AGENT else None
    one = Leg(id=LegId(new_id()), party=party, n=1, carrier="asterisk", agent=agent)
    return fenced(one, token=new_id(), at=NOW, rings_until=NOW + timedelta(seconds=20))


def after(one: Leg, how: CallHandling, *happened: tuple[LegEventKind, str | None]) -> Leg:
    for seconds, (kind, detail) in enumerate(happened, start=1):
        one = picking_up.heard(one, how, kind, NOW + timedelta(seconds=seconds), detail=detail)
    return one


def test_without_a_key_picking_up_is_answering():
    assert after(leg(), CallHandling(), (KIND.ANSWERED, None)).phase is LegPhase.ANSWERED


def test_with_a_key_it_is_not_until_that_key_is_pressed():
    up = after(leg(), KEY, (KIND.ANSWERED, None))
    assert (up.phase, up.answered, up.may_have_rung) == (LegPhase.PICKED_UP, False, True)
    assert picking_up.due(up) == NOW + timedelta(seconds=11)
    yes = after(up, KEY, (KIND.KEY, "1"))
    assert (yes.phase, yes.answered) == (LegPhase.ANSWERED, True)
    other = after(up, KEY, (KIND.KEY, "5"))
    assert (other.phase, other.release_why, other.detail) == (
        LegPhase.PICKED_UP,
        ReleaseWhy.NOT_ACCEPTED,
        "another key",
    )


def test_silence_is_no_where_a_key_is_wanted_and_yes_where_only_the_whisper_is_heard():
    up = after(leg(), KEY, (KIND.ANSWERED, None))
    assert picking_up.too_long(up, KEY, NOW + timedelta(seconds=10)).release_why is None
    assert picking_up.too_long(up, KEY, NOW + timedelta(seconds=11)).release_why is ReleaseWhy.NOT_ACCEPTED
    whisper = CallHandling(whisper="A call", accept_within=10)
    up = after(leg(), whisper, (KIND.ANSWERED, None))
    assert after(up, whisper, (KIND.PLAYED, None)).phase is LegPhase.ANSWERED
    assert picking_up.too_long(up, whisper, NOW + timedelta(seconds=11)).phase is LegPhase.ANSWERED


@pytest.mark.parametrize(("key", "chose"), [("2", "later"), ("9", "never")])
def test_a_customer_s_2_and_9_let_the_leg_go_with_the_choice(key: str, chose: str):
    one = after(leg(Party.CUSTOMER), MENU, (KIND.ANSWERED, None), (KIND.KEY, "7"), (KIND.KEY, key))
    assert picking_up.choice_of(one) == chose
    assert not one.answered


def test_a_person_is_there_after_the_verdict_or_after_the_menu_that_follows_it():
    screened = CallHandling(machine_detection=True)
    assert after(leg(Party.CUSTOMER), screened, (KIND.ANSWERED, None), (KIND.PERSON, None)).phase is LegPhase.ANSWERED
    both = replace(MENU, machine_detection=True)
    one = after(leg(Party.CUSTOMER), both, (KIND.ANSWERED, None), (KIND.PERSON, None))
    assert (one.phase, one.screened_at) == (LegPhase.PICKED_UP, NOW + timedelta(seconds=2))
    assert after(one, both, (KIND.KEY, "1")).phase is LegPhase.ANSWERED


def test_without_a_verdict_in_time_it_counts_as_a_person():
    screened = CallHandling(machine_detection=True)
    up = after(leg(Party.CUSTOMER), screened, (KIND.ANSWERED, None))
    assert picking_up.too_long(up, screened, NOW + timedelta(seconds=9)).phase is LegPhase.ANSWERED


def test_a_process_that_comes_later_knows_from_the_carrier_who_picked_up_and_not_who_said_yes():
    there = LegReport(whereabouts=Whereabouts.ANSWERED, rang_at=NOW, answered_at=NOW)
    one = picking_up.reported(leg(), KEY, there, now=NOW, revoked=False)
    assert one.phase is LegPhase.PICKED_UP
    again = picking_up.reported(one, KEY, there, now=NOW + timedelta(seconds=5), revoked=False)
    assert again.rings_until == one.rings_until, "a look gives no more time"
    gone = replace(there, whereabouts=Whereabouts.ENDED, ended_at=NOW, cause=EndCause.HUNG_UP)
    over = picking_up.reported(one, KEY, gone, now=NOW, revoked=False)
    assert (over.outcome, over.answered_at) == (LegOutcome.HUNG_UP, None)


def test_late_and_repeated_keys_change_nothing():
    yes = after(leg(), KEY, (KIND.ANSWERED, None), (KIND.KEY, "1"))
    assert after(yes, KEY, (KIND.KEY, "5"), (KIND.KEY, "1"), (KIND.ANSWERED, None)).release_why is None
    assert after(leg(), KEY, (KIND.KEY, "5")).release_why is None


def test_a_carrier_that_cannot_is_not_asked():
    everything = CallHandling(
        whisper="x", accept_key="1", customer_menu="x", machine_detection=True, machine_message="x", recording=True,
        recording_notice="x", agent_hears=AgentHears.MUSIC,
    )  # fmt: skip
    assert announcements.possible(everything, Abilities.HOLD) == CallHandling()


def test_a_whisper_is_short_and_keeps_its_key():
    names = announcements.Names(customer="Dana", topic=" ".join(["word"] * 60), queue="Billing")
    said = announcements.whisper(KEY, names)
    assert said is not None
    assert len(said.split()) <= announcements.MOST_WORDS
    assert said.endswith("Press 1 to accept.")
    assert announcements.whisper(CallHandling(whisper="{customer} {key} {nobody}"), names) == "Dana  {nobody}"
