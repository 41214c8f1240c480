"""Settings: every default of the design, overridden by business and queue, wrong ones named by their path."""

import pytest

from ringback.domain.errors import Invalid
from ringback.domain.status import DialOrder, Outcome
from ringback.interaction_manager.rules.policy import EndOfDay, Policy, policy_of, policy_problems


def test_the_defaults_are_those_of_the_design():
    policy = policy_of({}, {})
    assert policy == Policy()
    assert (policy.agent_ring, policy.customer_ring, policy.wrap_up) == (20, 25, 60)
    assert (policy.customer_attempts, policy.agents_per_attempt, policy.named_agent_wait) == (3, 5, 300)
    assert (policy.callbacks_share, policy.refuse_above, policy.shrinkage) == (0.5, 0.85, 0.1)
    assert policy.slot_seconds(3) == 1800 and policy.slot_seconds(4) == 900 and policy.days_ahead == 7
    assert policy.dial_order is DialOrder.AGENT_FIRST and policy.service_level == 60
    assert policy.retry_delay(Outcome.NO_ANSWER, 1) == 300 and policy.retry_delay(Outcome.NO_ANSWER, 5) == 1800
    assert policy.retry_delay(Outcome.DECLINED, 1) is None and policy.retry_delay(Outcome.UNKNOWN, 1) is None
    assert (policy.chat_days, policy.ledger_days) == (90, 1825)


def test_a_queue_overrides_its_business_key_by_key():
    policy = policy_of(
        {"agent_ring": 10, "retry": {"busy": 60, "machine": [120]}, "end_of_day": "late"},
        {"agent_ring": 5, "retry": {"busy": [1, 2]}},
    )
    assert policy.agent_ring == 5 and policy.end_of_day is EndOfDay.LATE
    assert policy.retry[Outcome.BUSY] == (1, 2) and policy.retry[Outcome.MACHINE] == (120,)
    assert policy.retry[Outcome.UNREACHABLE] == (900,)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"agent_ring": 0}, "policy.agent_ring"),
        ({"agent_ring": True}, "policy.agent_ring"),
        ({"agent_ring": float("nan")}, "policy.agent_ring"),
        ({"shrinkage": 1}, "policy.shrinkage"),
        ({"days_ahead": 1.5}, "policy.days_ahead"),
        ({"dial_order": "zigzag"}, "policy.dial_order"),
        ({"on_deck_cap": -1}, "policy.on_deck_cap"),
        ({"retry": {"talked": 5}}, "policy.retry.talked"),
        ({"retry": {"busy": [-1]}}, "policy.retry.busy"),
        ({"calling_hours": {"start": "22:00", "end": "08:00"}}, "policy.calling_hours.end"),
        ({"dispositions": []}, "policy.dispositions"),
        ({"dispositions": [{"code": "x", "label": "X", "effect": "explode"}]}, "policy.dispositions[0].effect"),
        ({"skill_ladder": [{"used": 0.5, "level": 1}]}, "policy.skill_ladder"),
        ({"no_such_setting": 1}, "policy.no_such_setting"),
        ([], "policy"),
    ],
)
def test_wrong_settings_are_refused_by_their_path(document, path):
    assert path in [each.path for each in policy_problems(document)]
    with pytest.raises(Invalid) as refused:
        policy_of({}, document) if isinstance(document, dict) else policy_of(document, {"agent_ring": "x"})
    assert refused.value.field is not None
