"""Shifts from the business's own planning: every wrong line named, nothing half taken, and never more people planned than there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.headcount import with_headcount, with_shifts
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.reading import Reader
from ringback.interaction_manager.rules.shift_import import Headcount, Known, ShiftImport, in_words, read_import
from ringback.interaction_manager.rules.shifts import shifts_of
from ringback.interaction_manager.rules.snapshot import Agent, Queue
from ringback.interaction_manager.rules.wall_clock import read_spans

KNOWN = Known(
    agents=frozenset({"kim", "lee"}),
    skills=frozenset({"billing", "lang:fr"}),
    queues=frozenset({"support"}),
    zone=ZoneInfo("Europe/London"),
)
MONDAY = date(2026, 11, 23)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = hours_of({"zone": "Europe/London", "week": {day: ["00:00-24:00"] for day in DAYS}})
BILLING = Queue(
    id=QueueId(UUID(int=1)), slug="billing", name="Billing", hours=ALWAYS, policy=Policy(), skills=("billing",)
)
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def taken(text: str) -> ShiftImport:
    found, problems = read_import({"csv": text}, KNOWN)
    assert found is not None, problems
    return found


def wrong(text: str) -> list[str]:
    found, problems = read_import({"csv": text}, KNOWN)
    assert found is None
    return [f"{each.path} {each.detail}" for each in problems]


def test_named_shifts_are_read_however_a_spreadsheet_writes_them():
    text = "\ufeffAgent;Day;Start;End\r\nkim;2026-11-23;13:00;17:00\r\nkim;2026-11-23;09:00;12:30\r\n\r\nlee;2026-11-23;;\r\n"
    assert taken(text).days == {("kim", MONDAY): ("09:00-12:30", "13:00-17:00"), ("lee", MONDAY): ()}
    over_midnight = "agent,day,start,end\nkim,2026-11-23,22:00,06:00\n"
    assert taken(over_midnight).days == {("kim", MONDAY): ("22:00-06:00",)}


def test_headcounts_are_instants_of_the_business():
    found = taken(
        "skill,day,start,end,agents\nbilling,2026-11-23,09:00,09:30,12\nqueue:support,2026-07-01,09:00,09:30,3\n"
    )
    assert found.headcounts == (
        Headcount(skill="billing", span=TimeWindow(start=NINE, end=NINE + timedelta(minutes=30)), agents=12),
        Headcount(
            skill="queue:support",
            span=TimeWindow(start=datetime(2026, 7, 1, 8, tzinfo=UTC), end=datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
            agents=3,
        ),
    )


def test_every_wrong_line_is_named_and_nothing_is_taken():
    assert wrong(
        "agent,day,start,end\nkim,2026-11-23,09:00,17:00\nkym,2026-11-23,09:00,17:00\nkim,2026-13-23,09:00,17:00\n"
        "kim,2026-11-23,16:00,18:00\nkim,2026-11-24,nine,17:00\nkim,2026-11-24\nkim,2026-11-23,,\n"
    ) == [
        "line 7 has 2 columns, not 4",
        "line 3 there is no agent kym",
        "line 4 must be a day such as 2026-12-24",
        "line 5 overlaps line 2",
        "line 6 must be a span such as 08:00-18:00",
        "line 8 is off, and line 2 is not",
    ]
    assert wrong(
        "skill,day,start,end,agents\nbilling,2026-11-23,09:00,10:00,2\nbilling,2026-11-23,09:30,10:30,2\n"
        "tax,2026-11-23,09:00,10:00,2\nqueue:sales,2026-11-23,09:00,10:00,-1\nbilling,2026-03-29,01:15,01:45,2\n"
    ) == [
        "line 4 nobody has the skill tax",
        "line 5 there is no queue sales",
        "line 5 agents must be a whole number",
        "line 6 01:15-01:45 does not exist on 2026-03-29 in Europe/London: the clocks skip it",
        "line 3 overlaps line 2",
    ]


def test_what_is_no_import_is_said():
    assert wrong("") == ["line 1 must name the columns agent,day,start,end or skill,day,start,end,agents"]
    assert wrong("agent,day,start,end\n") == ["document has no rows"]
    assert "cannot be read" in wrong('agent,day,start,end\n"kim,2026-11-23,09:00,17:00\n')[0]
    found, problems = read_import({"csv": "x", "shifts": []}, KNOWN)
    assert found is None and problems[0].detail == "needs one of csv, shifts, headcount"
    found, problems = read_import({"shifts": [{"agent": "kim", "day": "2026-11-23", "starts": "9"}]}, KNOWN)
    assert found is None and [each.path for each in problems] == ["row 1.starts"]
    assert in_words(problems).startswith("Nothing was changed. row 1.starts")


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str):
    for csv in (text, f"agent,day,start,end\n{text}", f"skill,day,start,end,agents\nbilling,{text}"):
        found, problems = read_import({"csv": csv}, KNOWN)
        assert (found is None) == bool(problems)


# ------------------------------------------------------------------ what it makes of agents


def agent(number: int, **more: object) -> Agent:
    fresh = Agent(
        id=AgentId(UUID(int=number)), slug=f"a{number}", name=f"A{number}", home_queue=BILLING.id,
        queues=frozenset({BILLING.id}), shifts=shifts_of({}, zone="Europe/London"), skills={"billing": 3},
    )  # fmt: skip
    return replace(fresh, **more)  # type: ignore[arg-type]


def at_work(agents: dict[AgentId, Agent], at: datetime, skill: str = "billing") -> int:
    opening = ALWAYS.open_spans(at, at + timedelta(hours=1))
    return sum(each.shifts.on_shift(at, opening) for each in agents.values() if skill in each.skills)


def test_an_imported_day_stands_instead_of_the_weekly_plan():
    weekly = agent(
        1, shifts=shifts_of({"week": {"mon": ["08:00-10:00"], "tue": ["08:00-10:00"]}}, zone="Europe/London")
    )
    spans = read_spans(Reader(), ["11:00-12:00"], "x")
    changed = with_shifts(weekly, {MONDAY: spans})
    assert not changed.shifts.on_shift(NINE) and changed.shifts.on_shift(NINE + timedelta(hours=2))
    assert changed.shifts.on_shift(NINE + timedelta(days=1))
    always = with_shifts(agent(2), {MONDAY: spans})
    opening = ALWAYS.open_spans(NINE, NINE + timedelta(days=3))
    assert not always.shifts.on_shift(NINE, opening) and always.shifts.on_shift(NINE + timedelta(hours=2), opening)


def test_a_headcount_plans_no_more_than_it_says_and_only_then():
    agents = {each.id: each for each in (agent(n) for n in range(1, 9))}
    half = Headcount(skill="billing", span=TimeWindow(start=NINE, end=NINE + timedelta(minutes=30)), agents=3)
    planned = with_headcount(agents, {BILLING.id: BILLING}, [half])
    assert at_work(planned, NINE) == 3 and at_work(planned, NINE + timedelta(minutes=30)) == 8
    assert at_work(with_headcount(agents, {BILLING.id: BILLING}, [replace(half, agents=20)]), NINE) == 8
    by_queue = with_headcount(agents, {BILLING.id: BILLING}, [replace(half, skill="queue:billing", agents=0)])
    assert at_work(by_queue, NINE) == 0


@given(
    st.lists(st.sets(st.sampled_from(["billing", "lang:fr", "tax"]), min_size=1), min_size=1, max_size=12),
    st.lists(st.tuples(st.sampled_from(["billing", "lang:fr", "tax"]), st.integers(0, 3), st.integers(1, 3), st.integers(0, 6)), max_size=6),
)  # fmt: skip
def test_whatever_skills_are_shared_no_headcount_is_passed(
    skills: list[set[str]], counts: list[tuple[str, int, int, int]]
):
    agents = {AgentId(UUID(int=n)): agent(n, skills=dict.fromkeys(each, 3)) for n, each in enumerate(skills, start=1)}
    said: dict[tuple[str, int], Headcount] = {}
    for skill, begin, length, people in counts:
        hours = range(begin, begin + length)
        if not any((skill, hour) in said for hour in hours):
            span = TimeWindow(start=NINE + timedelta(hours=begin), end=NINE + timedelta(hours=begin + length))
            said |= {(skill, hour): Headcount(skill=skill, span=span, agents=people) for hour in hours}
    planned = with_headcount(agents, {BILLING.id: BILLING}, list(dict.fromkeys(said.values())))
    for (skill, hour), headcount in said.items():
        assert at_work(planned, NINE + timedelta(hours=hour, minutes=7), skill) <= headcount.agents
