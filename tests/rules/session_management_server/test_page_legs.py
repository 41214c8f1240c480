"""A leg on pages: whatever any number of pages say, one holds it, and what is over stays over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.errors import IllegalTransition, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import EndCause, LegEventKind, Whereabouts
from ringback.session_management_server.rules import page_legs
from ringback.session_management_server.rules.page_legs import (
    InputKind,
    PageInput,
    PageLeg,
    PageLegEvent,
    PageLegState,
)

NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
PAGES = [UUID(int=number) for number in range(1, 4)]


def prepared(party: Party, number: int) -> PageLeg:
    return PageLeg(
        business=BusinessId(UUID(int=99)),
        id=LegId(UUID(int=number)),
        party=party,
        subject=UUID(int=number + 50),
        state=PageLegState.PREPARED,
        round=1,
        version=1,
    )


def ringing(party: Party = Party.CUSTOMER, number: int = 10) -> PageLeg:
    return page_legs.dial(prepared(party, number), somebody_there=True, ring_for=25, now=NOW)


def say(leg: PageLeg, page: UUID, kind: InputKind) -> PageLeg:
    return page_legs.hear(leg, None, PageInput(page=page, kind=kind), NOW)[0]


def talking() -> tuple[PageLeg, PageLeg]:
    agent = say(ringing(Party.AGENT, 11), PAGES[0], InputKind.ACCEPT)
    customer = say(ringing(), PAGES[1], InputKind.ACCEPT)
    return page_legs.join(agent, customer, NOW)


inputs = st.builds(PageInput, page=st.sampled_from(PAGES), kind=st.sampled_from(InputKind))


@given(said=st.lists(inputs, max_size=30))
def test_one_page_holds_it_and_only_that_page_ends_it(said: list[PageInput]):
    leg = ringing()
    for number, each in enumerate(said):
        before = leg
        leg, _ = page_legs.hear(before, None, each, NOW + timedelta(seconds=number))
        if before.state is PageLegState.ENDED:
            assert leg == before
        if before.page is not None and leg.page != before.page:
            assert each.kind is InputKind.TAKE
        if before.page is not None and leg.state is PageLegState.ENDED and before.state is not PageLegState.ENDED:
            assert each.page == before.page
        assert (leg.accepted_at is None) == (leg.page is None)
        assert leg.accepted_at is None or leg.alerted_at is not None, "what was accepted has rung"
    kinds = [event.kind for event in page_legs.events_of(leg, "pages", NOW)]
    assert len(kinds) == len(set(kinds))
    assert (LegEventKind.ENDED in kinds) == (leg.state is PageLegState.ENDED)
    assert (page_legs.report(leg).whereabouts is Whereabouts.ENDED) == (leg.state is PageLegState.ENDED)


@given(said=st.lists(st.tuples(st.booleans(), inputs), max_size=30))
def test_both_ends_of_a_talk_are_always_in_the_same_round(said: list[tuple[bool, PageInput]]):
    agent, customer = talking()
    for of_agent, each in said:
        if of_agent:
            agent, other = page_legs.hear(agent, customer, each, NOW)
            customer = other or customer
        else:
            customer, other = page_legs.hear(customer, agent, each, NOW)
            agent = other or agent
        if PageLegState.ENDED not in (agent.state, customer.state):
            assert agent.round == customer.round
            assert agent.state is customer.state, "both hear each other, or neither does"


def test_a_join_starts_the_sound_on_both_pages():
    agent, customer = talking()
    assert agent.round == customer.round == 2
    assert (agent.peer, customer.peer) == (customer.id, agent.id)
    assert page_legs.join(agent, customer, NOW + timedelta(seconds=5)) == (agent, customer)


def test_what_is_over_is_neither_dialled_nor_joined():
    over = page_legs.release(ringing(), NOW)
    with pytest.raises(LegGone):
        page_legs.dial(over, somebody_there=True, ring_for=25, now=NOW)
    with pytest.raises(LegGone):
        page_legs.join(talking()[0], over, NOW)
    assert page_legs.end(over, EndCause.LOST, NOW) == over
    with pytest.raises(IllegalTransition):
        page_legs.next_state(PageLegState.ENDED, PageLegEvent.DIAL)


def test_what_was_never_dialled_is_known_not_to_have_rung():
    assert page_legs.release(prepared(Party.AGENT, 1), NOW).ended_reason is EndCause.FAILED
    assert page_legs.release(ringing(), NOW).ended_reason is EndCause.RELEASED
    absent = page_legs.dial(prepared(Party.AGENT, 1), somebody_there=False, ring_for=25, now=NOW)
    assert absent.ended_reason is EndCause.ABSENT


def test_it_rings_as_long_as_it_may():
    leg = ringing()
    for after, cause in ((24.9, None), (25, EndCause.NO_ANSWER)):
        now = NOW + timedelta(seconds=after)
        assert page_legs.cause_to_end(leg, last_seen=None, heard_since=None, now=now) is cause


@pytest.mark.parametrize(
    ("silent", "heard", "cause"),
    [
        (19.9, 3600, None),
        (20, 3600, EndCause.LOST),
        (90, 20, EndCause.LOST),
        (90, 19.9, None),  # the servers were away most of that time
        (90, None, None),  # and nobody hears pages now
    ],
)
def test_a_page_that_holds_it_has_twenty_seconds_to_come_back_while_somebody_listens(
    silent: float, heard: float | None, cause: EndCause | None
):
    accepted = say(ringing(), PAGES[0], InputKind.ACCEPT)
    seen = NOW - timedelta(seconds=silent)
    heard_since = None if heard is None else NOW - timedelta(seconds=heard)
    for leg in (accepted, *talking()):
        assert page_legs.cause_to_end(leg, last_seen=seen, heard_since=heard_since, now=NOW) is cause
