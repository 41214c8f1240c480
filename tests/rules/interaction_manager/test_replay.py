"""The replay: what was predicted is scored as the definitions say, and members who are not logged are inferred."""

import random

import pytest

from ringback.interaction_manager.rules.queue_log import read_queue_log
from ringback.interaction_manager.rules.replay import NOT_ENDED, Caller, Replay, summary_of


def play(lines, queue="support"):
    replay = Replay(queue)
    for _ in replay.play(read_queue_log(lines).events):
        pass
    return replay.callers


def line(at, call, agent, event, queue="support"):
    return f"{at:.3f}|{call}|{queue}|{agent}|{event}"


def centre(seed=1, *, agents=4, callers=1500, members=True, load=1.1, wrap_up=0.0):
    """Log a line with so many agents, exponential calls of 100 s and nobody who gives up."""
    chance = random.Random(seed)
    free_at = {f"PJSIP/{n}": 0.0 for n in range(agents)}
    lines, at = [], 1_700_000_000.0
    if members:
        lines += [(at, line(at, "NONE", agent, "ADDMEMBER")) for agent in free_at]
    for n in range(callers):
        at += chance.expovariate(agents * load / 100)
        if n % 250 == 249:
            at += 5000  # the line empties
        agent = min(free_at, key=lambda name: free_at[name])
        begins = max(at, free_at[agent] + wrap_up)
        ends = begins + chance.expovariate(1 / 100)
        free_at[agent] = ends
        lines += [
            (at, line(at, n, "NONE", "ENTERQUEUE")),
            (begins, line(begins, n, agent, f"CONNECT|{begins - at:.0f}")),
        ]
        lines.append((ends, line(ends, n, agent, "COMPLETECALLER|1|1|1")))
    return [text for _, text in sorted(lines, key=lambda each: each[0])]


def ratio(score):
    assert score.error_ratio is not None
    return score.error_ratio


@pytest.mark.parametrize("members", [True, False])
def test_the_range_holds_eight_of_ten_waits_and_beats_the_simple_rules(members):
    summary = summary_of(play(centre(members=members)))
    assert summary.waited > 1000
    assert summary.coverage is not None and summary.coverage == pytest.approx(0.8, abs=0.06)
    assert ratio(summary.ours) < 0.85 * ratio(summary.head_of_line)
    assert ratio(summary.ours) < 1.1 * ratio(summary.queue_length), "exponential and steady, that rule is the truth"
    assert ratio(summary.ours) < ratio(summary.last_to_enter)


def test_time_between_calls_is_learned_as_part_of_the_work():
    summary = summary_of(play(centre(wrap_up=20.0, load=0.95)))
    assert summary.coverage is not None and summary.coverage == pytest.approx(0.8, abs=0.06)
    assert ratio(summary.ours) < ratio(summary.head_of_line)


def test_what_is_compared_is_what_the_definitions_say():
    callers = play(
        [
            line(1000, "NONE", "A/1", "ADDMEMBER"),
            line(1000, "a", "NONE", "ENTERQUEUE"),
            line(1000, "a", "A/1", "CONNECT|0"),
            line(1010, "b", "NONE", "ENTERQUEUE"),
            line(1040, "c", "NONE", "ENTERQUEUE"),
            line(1100, "a", "A/1", "COMPLETEAGENT|0|100|1"),
            line(1100, "b", "A/1", "CONNECT|90"),
            line(1130, "d", "NONE", "ENTERQUEUE"),
            line(1150, "c", "NONE", "ABANDON|1|2|110"),
        ]
    )
    a, b, c, d = callers
    assert (a.outcome, a.waited, a.scored) == ("served", 0.0, False)
    assert (b.outcome, b.waited, b.scored, b.ahead) == ("served", 90.0, True, 0)
    assert (c.outcome, c.waited, c.head_of_line, c.scored) == ("abandoned", 110.0, 30.0, False)
    assert (d.outcome, d.waited, d.ahead, d.head_of_line, d.last_to_enter) == (NOT_ENDED, None, 1, 90.0, 90.0)
    assert d.queue_length == 2 * 100.0 / 1, "two places, the one handling time so far, one agent"
    summary = summary_of(callers)
    assert (summary.callers, summary.served, summary.waited, summary.mean_wait_s) == (4, 2, 1, 90.0)
    assert summary.ours.mae_s == pytest.approx(abs(b.p50 - 90.0))
    assert summary.ours.mae_s and ratio(summary.ours) == pytest.approx(summary.ours.mae_s / 90)


def test_nobody_scored_has_no_score():
    summary = summary_of(play([line(1000, "a", "NONE", "ENTERQUEUE")]))
    assert (summary.callers, summary.waited, summary.coverage, summary.ours.mae_s) == (1, 0, None, None)


def test_the_same_log_gives_the_same_answers():
    lines = centre(callers=300)
    assert play(lines) == play(lines)


def test_other_queues_callers_are_not_reported():
    lines = [line(1000, "a", "NONE", "ENTERQUEUE"), line(1001, "b", "NONE", "ENTERQUEUE", queue="billing")]
    assert [each.call for each in play(lines)] == ["a"]


def test_a_call_that_comes_again_is_a_new_caller():
    first, second = play([line(1000, "a", "NONE", "ENTERQUEUE"), line(1060, "a", "NONE", "ENTERQUEUE")])
    assert isinstance(first, Caller) and (first.outcome, second.outcome) == (NOT_ENDED, NOT_ENDED)
    assert second.ahead == 0 or second.ahead == 1


def test_a_restart_of_the_switch_empties_line_and_calls():
    callers = play(
        [
            line(1000, "a", "NONE", "ENTERQUEUE"),
            "1010|NONE|NONE|NONE|QUEUESTART|",
            line(1020, "b", "NONE", "ENTERQUEUE"),
        ]
    )
    assert callers[1].ahead == 0
