"""Everything decided is told in sentences; every refusal has a reason, and every broken promise a cause that is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain.commands import Estimate
from ringback.domain.offers import Refusal
from ringback.domain.status import AgentState, BrokenCause, PromiseKind, PromiseResult
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.rules.admission import NotAdmitted, admit
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts, settle
from ringback.interaction_manager.rules.offers import offers
from ringback.interaction_manager.rules.routing import route
from ringback.interaction_manager.rules.snapshot import OpenCallback
from ringback.interaction_manager.rules.why import AttemptTold, Decision, PromiseTold, Story, Tried, as_lines, tell
from ringback.interaction_manager.rules.words import basis, clock, length, span
from tests.rules.interaction_manager.centre import (
    NOW,
    agent,
    asap,
    ask,
    booking,
    callback_id,
    centre,
    minutes,
    queue,
    queue_id,
    utc,
    waiting,
    window,
)

LONDON = ZoneInfo("Europe/London")
WINDOW = window(NOW, minutes(15))
KEPT = PromiseTold(
    kind=PromiseKind.FIRST, made_at=NOW, estimate=Estimate(p10=NOW + minutes(2), p50=NOW + minutes(4), p90=NOW + minutes(8)),
    facts=PromiseFacts(
        window=WINDOW, early_is_fine=True, agent_ready_at=NOW + minutes(3), dialled_at=NOW + minutes(3),
        first_ring_at=NOW + minutes(4), answered_at=NOW + minutes(4), joined_at=NOW + minutes(4) + timedelta(seconds=1),
    ),
    result=PromiseResult.KEPT, cause=None, settled_at=NOW + minutes(5), ending=Ending(),
)  # fmt: skip
STORY = Story(
    zone=LONDON, asked_at=NOW, provider="biz:acme", channel="web", created_by="customer", when_kind="asap",
    queue="Billing", routed_why="the topic says “bill”",
    decisions=(
        Decision(
            kind="accepted", at=NOW, by="customer", verdict="3 ahead, 2 people on duty: about 2–8 min",
            detail={"ahead": 3, "on_duty": 2, "free_now": 0, "handling_seconds": 190, "wait_p10": 120, "wait_p90": 480,
                    "wait_p97": 700, "closing": (NOW + minutes(208)).isoformat(), "routed": "the topic says “bill”"},
        ),
        Decision(
            kind="chosen", at=NOW + minutes(3), by="interaction_manager", verdict="Kim: Idle longest of 2 who can take it",
            detail={"level": 5, "could_take_it": 2, "others": "Lee", "agent": "…"},
        ),
    ),
    promises=(KEPT,),
    attempts=(
        AttemptTold(
            number=1, began_at=NOW + minutes(3), carrier="browser", dialled_at=NOW + minutes(3), rang_at=NOW + minutes(4),
            answered_at=NOW + minutes(4), joined_at=NOW + minutes(4), ended_at=NOW + minutes(10), outcome="talked", evidence="end_event",
            agents=(Tried(name="Kim", asked_at=NOW + minutes(3), accepted_at=NOW + minutes(3), ended_why="talked"),),
        ),
    ),
)  # fmt: skip
ATTEMPT = (
    "2026-11-24 14:35:00 Attempt 1: the customer was dialled at 14:35, it rang at 14:36, answered at 14:36, joined at 14:36; "
    "it ended at 14:42: talked."
)


def text_of(story: Story) -> str:
    return "\n".join(as_lines(tell(story), LONDON))


def test_the_life_of_one_callback_is_told_in_order() -> None:
    assert text_of(STORY).splitlines() == [
        "2026-11-24 14:32:00 The customer asked over web for a callback as soon as possible.",
        "                    - It was asked of biz:acme",
        "                    - It went to Billing: the topic says “bill”",
        "2026-11-24 14:32:00 It was accepted: 3 ahead, 2 people on duty: about 2–8 min.",
        "                    - It went there because the topic says “bill”",
        "                    - 3 ahead in line",
        "                    - 2 on duty",
        "                    - Nobody free at that moment",
        "                    - A call takes 3 min 10 s on average, as learned",
        "                    - One wait in ten ends within 2 min 00 s",
        "                    - Nine waits in ten end within 8 min 00 s",
        "                    - 97 % of the waits end within 11 min 40 s",
        "                    - Closes at 18:00",
        "2026-11-24 14:32:00 We promised a call by 14:47; earlier is fine.",
        "                    - The estimate was 14:34–14:40 (10–90 %), half of such waits end by 14:36",
        "2026-11-24 14:35:00 Chosen: Kim: Idle longest of 2 who can take it.",
        "                    - 2 could take it",
        "                    - The others: Lee",
        ATTEMPT,
        "                    - Kim was asked at 14:35: accepted at 14:35",
        "                    - Placed over browser",
        "                    - That it is over is known by: end event",
        "2026-11-24 14:37:00 The promise by 14:47 was kept.",
        "                    - The device first rang at 14:36",
        "                    - It was answered at 14:36, and an agent was joined 1 s later",
    ]


def test_a_refusal_is_told_with_its_reason_and_the_figures_behind_it() -> None:
    refused = Decision(
        kind="refused", at=NOW, by="customer", verdict="Billing closes at 18:00, and the wait is too long before that.",
        detail={"id": "too-late-today", "ahead": 40, "on_duty": 1, "asked": "asap", "provider": "biz:acme"},
    )  # fmt: skip
    text = text_of(replace(STORY, queue=None, decisions=(refused,), promises=(), attempts=()))
    assert "It was refused: Billing closes at 18:00, and the wait is too long before that." in text
    assert "40 ahead in line" in text


def test_times_are_told_by_the_clock_of_the_business_with_the_day_where_it_is_another() -> None:
    assert clock(NOW, ZoneInfo("Asia/Tokyo"), NOW) == "23:32"
    assert clock(NOW + minutes(60 * 24), LONDON, NOW) == "Wed 25 Nov, 14:32"
    assert span(NOW + minutes(1440), NOW + minutes(1455), LONDON, NOW) == "Wed 25 Nov, 14:32–14:47"
    twice = utc(2026, 10, 25, 0, 30)
    assert [clock(twice + minutes(n), LONDON, twice) for n in (0, 60)] == ["01:30 (UTC+0100)", "01:30 (UTC+0000)"]
    assert [length(each) for each in (0.42, 2, 42, 368, 3720)] == ["0.4 s", "2 s", "42 s", "6 min 08 s", "1 h 02 min"]


def test_what_nobody_foresaw_is_told_by_its_own_name() -> None:
    found = list(
        basis({"moon_phase": 3, "level": 9, "ids": [1], "empty": None, "share": 0.5, "late": True}, LONDON, NOW)
    )
    assert found == ["late: yes", "moon phase: 3", "share: 0.5"]


instants = st.none() | st.integers(-1800, 7200).map(lambda n: NOW + timedelta(seconds=n))


@given(
    early=st.booleans(), notice=instants, ready=instants, dialled=instants, rang=instants, answered=instants, joined=instants,
    withdrawn=instants, closed=st.booleans(), unknown=st.booleans(), stopped=st.booleans(), strayed=st.booleans(),
)  # fmt: skip
def test_every_broken_promise_has_a_cause_and_it_is_told(
    early, notice, ready, dialled, rang, answered, joined, withdrawn, closed, unknown, stopped, strayed
) -> None:
    facts = PromiseFacts(
        window=WINDOW, early_is_fine=early, notice_at=notice, agent_ready_at=ready, dialled_at=dialled, first_ring_at=rang,
        answered_at=answered, joined_at=joined,
    )  # fmt: skip
    ending = Ending(withdrawn_at=withdrawn, closed_by_us=closed, unknown=unknown, stopped=stopped, strayed=strayed)
    found = settle(facts, ending)
    told = replace(KEPT, facts=facts, result=found.result, cause=found.cause, ending=ending)
    result = [each for each in tell(replace(STORY, promises=(told,))) if each.topic == "result"][0]
    assert (found.cause is not None) == (found.result is PromiseResult.BROKEN) == ("was broken: " in result.text)
    assert "not recorded" not in result.text
    assert result.because


def test_every_cause_has_words_of_its_own() -> None:
    texts = {
        each.text
        for cause in BrokenCause
        for each in tell(replace(STORY, promises=(replace(KEPT, result=PromiseResult.BROKEN, cause=cause),)))
        if each.topic == "result"
    }
    assert len(texts) == len(BrokenCause)


states = st.sampled_from(AgentState)
whens = st.one_of(
    st.just(asap()),
    st.builds(
        lambda kind, ahead, width: When(
            kind=kind, zone="Europe/London", start=NOW + minutes(ahead), end=None if kind is WhenKind.INSTANT else NOW + minutes(ahead + width)
        ),
        st.sampled_from([WhenKind.SLOT, WhenKind.INSTANT, WhenKind.WINDOW]), st.integers(-120, 14 * 1440), st.sampled_from([15, 30, 240]),
    ),
)  # fmt: skip


@given(
    agents=st.lists(states, max_size=3), when=whens, ahead=st.integers(0, 60), cap=st.none() | st.integers(0, 30),
    offering=st.booleans(), dialling=st.booleans(), blocked=st.booleans(), open_one=st.booleans(),
    hours=st.sampled_from(["08:00-18:00", "00:00-24:00", "08:00-14:40", "16:00-18:00"]),
    taken=st.integers(0, 5), names_time=st.booleans(), skills=st.sampled_from([(), ("billing",)]),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_every_refusal_has_a_reason(
    agents, when, ahead, cap, offering, dialling, blocked, open_one, hours, taken, names_time, skills
) -> None:
    billing = queue(daily=(hours,), offering=offering, dialling=dialling, backlog_cap=cap, skills=skills)
    quarter = NOW.replace(minute=30) + minutes(60)
    snapshot = centre(
        [billing], [agent(n, state=state) for n, state in enumerate(agents)], blocked=blocked,
        waiting=(waiting(ahead),) if ahead else (),
        bookings=(booking(window(quarter, minutes(30)), count=taken),) if taken else (),
        open_callbacks=(OpenCallback(callback=callback_id(1), queue=queue_id(0), window=WINDOW),) if open_one else (),
    )  # fmt: skip
    way = route(snapshot, "biz:acme")
    verdict = admit(snapshot, way, when, NOW, language="en", named_time=names_time)
    found = list(offers(snapshot, ask(when=when), NOW).refusals)
    if isinstance(verdict, NotAdmitted):
        found.append(verdict.refusal)
    else:
        assert verdict.possible.reason.verdict
    for each in found:
        assert isinstance(each, Refusal)
        assert each.id
        assert len(each.reason.verdict) > 10, each
    assert not isinstance(verdict, NotAdmitted) or found
