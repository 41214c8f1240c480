"""What is offered, and the reason for each thing that is not."""

from datetime import timedelta

import pytest

from ringback.domain.errors import Invalid, NotFound
from ringback.interaction_manager.rules.offers import offers
from tests.rules.interaction_manager.centre import (
    NOW,
    agent,
    agent_id,
    ask,
    between,
    booking,
    callback_id,
    centre,
    instant,
    minutes,
    queue,
    queue_id,
    rates,
    slot,
    utc,
    waiting,
    window,
)


def ids(answer):
    return [each.id for each in answer.refusals]


def test_somebody_free_means_now_and_a_promise_of_at_least_five_minutes():
    answer = offers(centre(), ask(), NOW)
    assert answer.asap is not None and answer.asap.place == 1
    assert answer.asap.promise.start == NOW and answer.asap.promise.end == utc(2026, 11, 24, 14, 40)
    assert answer.asap.estimate.p50 - NOW < timedelta(seconds=30)
    assert answer.asap.reason.verdict == "0 ahead, 1 person on duty: somebody is free"
    assert answer.refusals == ()


def test_a_longer_line_means_a_longer_estimate_and_a_later_promise():
    busy = [agent(n, state="on_a_call") for n in range(3)]
    answers = [offers(centre(agents=busy, waiting=(waiting(n),)), ask(), NOW).asap for n in range(0, 20, 4)]
    asaps = [each for each in answers if each is not None]
    assert len(asaps) == len(answers)
    p50s = [each.estimate.p50 for each in asaps]
    ends = [each.promise.end for each in asaps]
    assert p50s == sorted(p50s) and len(set(p50s)) == len(p50s)
    assert ends == sorted(ends) and ends[0] < ends[-1]
    assert all(each.estimate.p10 <= each.estimate.p50 <= each.estimate.p90 <= each.promise.end for each in asaps)


def test_when_closed_the_times_of_the_next_opening_are_offered_spread_over_two_hours():
    at = utc(2026, 11, 24, 19, 0)
    answer = offers(centre(agents=[agent(n, state="offline") for n in range(4)]), ask(), at)
    assert answer.asap is None and ids(answer) == ["closed"]
    assert answer.refusals[0].reason.verdict == "Billing is closed until Wed 25 Nov, 08:00."
    assert not answer.opening.open_now and answer.opening.next_opening == utc(2026, 11, 25, 8)
    today, tomorrow = answer.days[:2]
    assert today.closed and not today.slots
    starts = [each.window.start for each in tomorrow.slots]
    assert len(starts) == 8 and starts[0] == utc(2026, 11, 25, 8) and starts[-1] == utc(2026, 11, 25, 9, 45)
    assert len(tomorrow.more) == 40


def test_a_holiday_is_named():
    shut = queue(
        hours={
            "zone": "Europe/London",
            "week": {"tue": ["08:00-18:00"], "wed": ["08:00-18:00"]},
            "closed_days": [{"day": "2026-11-24", "name": "Stock-taking"}],
        }
    )
    answer = offers(centre([shut]), ask(), NOW)
    assert answer.refusals[0].id == "closed" and "Stock-taking" in answer.refusals[0].reason.verdict


def test_nobody_on_duty_means_times_with_the_reason():
    answer = offers(centre(agents=[agent(0, state="offline"), agent(1, state="paused")]), ask(), NOW)
    assert answer.asap is None and ids(answer) == ["no-staff"]
    assert answer.refusals[0].reason.verdict == "Nobody at Billing is on duty just now."
    assert any(day.slots for day in answer.days)
    assert answer.days[0].slots[0].window.start >= NOW + minutes(15), "who is paused now is back in a while"


def test_those_who_should_be_here_and_are_not_do_not_count_for_four_hours():
    answer = offers(centre(agents=[agent(0, state="offline")]), ask(), utc(2026, 11, 24, 10, 0))
    assert answer.days[0].slots[0].window.start == utc(2026, 11, 24, 14)


def test_as_soon_as_possible_ends_before_closing_or_is_not_offered():
    line = (waiting(3),)
    late = offers(centre(agents=[agent(state="on_a_call")], waiting=line), ask(), utc(2026, 11, 24, 17, 30))
    assert late.asap is None and ids(late)[0] == "too-late-today"
    early = offers(centre(agents=[agent(state="on_a_call")], waiting=line), ask(), utc(2026, 11, 24, 12, 30))
    assert early.asap is not None


def test_a_capped_backlog_refuses_and_still_offers_times():
    answer = offers(centre([queue(backlog_cap=2)], waiting=(waiting(2),)), ask(), NOW)
    assert answer.asap is None and ids(answer) == ["backlog-full"] and answer.days[0].slots


def test_when_offering_is_stopped_nothing_is_offered():
    answer = offers(centre([queue(offering=False)]), ask(), NOW)
    assert answer.asap is None and answer.days == () and ids(answer) == ["offering-stopped"]


def test_the_day_comes_first_with_at_most_eight_good_times_and_the_rest_behind():
    answer = offers(centre(agents=[agent(n) for n in range(4)]), ask(), NOW)
    assert len(answer.days) == 8 and answer.days[0].day.isoformat() == "2026-11-24"
    assert all(len(day.slots) <= 8 for day in answer.days)
    assert [each.window.start for each in answer.days[0].slots[:4]] == [NOW + minutes(m) for m in (13, 28, 43, 58)]
    assert len(answer.days[1].more) == 40


def test_a_busy_day_is_full():
    slots = [window(utc(2026, 11, 25, 8) + minutes(30 * i), minutes(30)) for i in range(20)]
    answer = offers(centre(bookings=tuple(booking(each, count=2) for each in slots)), ask(), NOW)
    assert answer.days[1].full and not answer.days[1].closed and answer.days[2].slots


def test_a_named_agent_has_their_own_next_free_times():
    team = [agent(0, state="on_a_call"), agent(1, shifts={"week": {"wed": ["10:00-12:00"]}}, state="offline")]
    kim = offers(centre(agents=team), ask("biz:acme/a:kim"), NOW)
    assert kim.agent_name == "Kim" and kim.provider == "biz:acme/q:billing/a:kim" and kim.asap is not None
    lee = offers(centre(agents=team), ask("biz:acme/a:lee"), NOW)
    assert lee.asap is None and ids(lee) == ["agent-away"]
    assert [day.day.isoformat() for day in lee.days if day.slots] == ["2026-11-25"]
    assert [each.window.start.hour for each in lee.days[1].slots] == [10, 10, 11, 11]
    by_name = {each.name: each for each in lee.agents}
    assert by_name["Lee"].back_at == utc(2026, 11, 25, 10) and by_name["Lee"].free_at is None
    assert by_name["Kim"].free_at is not None and by_name["Kim"].free_at > NOW
    late = offers(centre(agents=team), ask("biz:acme/a:lee"), utc(2026, 11, 25, 10, 30))
    assert {each.name: each.back_at for each in late.agents}["Lee"] is None, "the shift has begun: any moment"


def test_a_time_that_was_typed_is_possible_or_comes_with_the_nearest_ones():
    taken = window(utc(2026, 11, 24, 15, 0), minutes(30))
    snapshot = centre(bookings=(booking(taken, count=2),))
    free = offers(snapshot, ask(when=instant(utc(2026, 11, 24, 15, 40))), NOW)
    assert free.requested is not None and free.requested.window == window(utc(2026, 11, 24, 15, 40), minutes(10))
    full = offers(snapshot, ask(when=instant(utc(2026, 11, 24, 15, 10))), NOW)
    assert full.requested is None and full.refusals[0].id == "slot-taken"
    assert full.refusals[0].reason.verdict == "15:10 was just taken." and full.refusals[0].next == "Next: 15:30."
    assert [each.window.start for each in full.nearest][0] == utc(2026, 11, 24, 15, 30)


@pytest.mark.parametrize(
    ("when", "id"),
    [
        (instant(NOW - minutes(17)), "past-time"),
        (slot(NOW - minutes(47)), "past-time"),
        (instant(utc(2026, 11, 24, 20, 0)), "closed"),
        (instant(utc(2026, 12, 24, 12, 0)), "too-far-ahead"),
        (between(utc(2026, 11, 24, 6, 0), utc(2026, 11, 24, 7, 0)), "past-time"),
        (between(utc(2026, 11, 24, 19, 0), utc(2026, 11, 24, 20, 0)), "closed"),
    ],
)
def test_an_impossible_time_is_refused_with_its_reason(when, id):
    answer = offers(centre(), ask(when=when), NOW)
    assert answer.requested is None and answer.refusals[0].id == id and answer.refusals[0].reason.verdict


def test_a_window_is_promised_as_far_as_it_is_open():
    answer = offers(centre(), ask(when=between(utc(2026, 11, 24, 17, 0), utc(2026, 11, 24, 20, 0))), NOW)
    assert answer.requested is not None
    assert answer.requested.window.start == utc(2026, 11, 24, 17) and answer.requested.window.end == utc(
        2026, 11, 24, 18
    )


def test_days_and_calling_hours_are_those_of_the_customer():
    always = centre([queue(daily=["00:00-24:00"])])
    answer = offers(always, ask(zone="Australia/Sydney"), NOW)
    assert answer.days[0].day.isoformat() == "2026-11-25"
    hours = {
        each.window.start.astimezone(answer.days[1].slots[0].window.start.tzinfo).hour for each in answer.days[1].more
    }
    assert hours == {21, 22, 23, *range(10)}, "08:00 to 21:00 in Sydney"


def test_one_that_is_open_is_shown():
    from ringback.interaction_manager.rules.snapshot import OpenCallback

    mine = OpenCallback(callback=callback_id(1), queue=queue_id(0), window=window(NOW, minutes(15)))
    answer = offers(centre(open_callbacks=(mine,)), ask(), NOW)
    assert answer.open_callback == mine.callback and "one-is-open" in ids(answer)


def test_topics_lead_to_a_queue_and_an_agent_to_where_they_work():
    two = [queue(0, topics=("invoice", "direct debit")), queue(1, topics=("broken",))]
    team = [agent(0, queues=(0, 1)), agent(1, queues=(1,))]
    snapshot = centre(two, team)
    assert offers(snapshot, ask(topic="My box is BROKEN."), NOW).queue_slug == "support"
    assert offers(snapshot, ask(topic="hello"), NOW).queue_slug == "billing"
    assert offers(snapshot, ask("biz:acme/a:kim", topic="it is broken"), NOW).provider == "biz:acme/q:support/a:kim"
    assert offers(snapshot, ask("biz:acme/a:lee", topic="invoice"), NOW).provider == "biz:acme/q:support/a:lee"
    assert "default" in offers(snapshot, ask(), NOW).provider_why
    assert [each.slug for each in offers(snapshot, ask(), NOW).queues] == ["billing", "support"]


@pytest.mark.parametrize(
    "provider",
    [
        "biz:acme/q:nothing",
        "biz:acme/a:nobody",
        "biz:other",
        "biz:acme/q:support/a:bo",
        "billing",
        "biz:acme/q:billing; drop",
    ],
)
def test_an_unknown_provider_is_refused(provider):
    snapshot = centre([queue(0), queue(1)], [agent(0), agent(3)])
    with pytest.raises((NotFound, Invalid)) as refused:
        offers(snapshot, ask(provider), NOW)
    assert refused.value.id == "unknown-provider"


def test_learned_handling_times_lengthen_the_estimate():
    slow = offers(centre(agents=[agent(state="on_a_call")], rates=rates(900.0), waiting=(waiting(),)), ask(), NOW)
    fast = offers(centre(agents=[agent(state="on_a_call")], rates=rates(120.0), waiting=(waiting(),)), ask(), NOW)
    assert slow.asap is not None and fast.asap is not None
    assert slow.asap.estimate.p50 > fast.asap.estimate.p50


def test_a_team_of_very_short_slots_is_answered_quickly_enough_to_be_asked():
    quick = queue(
        daily=["00:00-24:00"], policy={"slot_length": 3, "prior_handling": 2, "agent_ring": 3, "customer_ring": 3}
    )
    answer = offers(centre([quick], [agent(0), agent(1)]), ask(), NOW)
    assert answer.days[0].slots[0].window.start - NOW <= timedelta(seconds=3)
    assert all(len(day.more) <= 96 for day in answer.days)
    assert agent_id(0) in {each.id for each in centre([quick]).agents.values()}
