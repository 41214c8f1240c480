"""What a policy asks for where a number is to be proved, and whether the business can do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ringback.domain.documents import Problem
from ringback.domain.guards.policy import ProveBy

CODES_BY = "twilio-sms"  # the kind of channel that can write to a number which never wrote to us


def codes_without_channel(document: Mapping[str, Any], kinds: Iterable[str]) -> list[Problem]:
    """Refuse `prove_numbers: sms` for a business that has no channel of short messages. `kinds`: of its channels."""
    if CODES_BY in set(kinds):
        return []
    words = f"needs a channel of kind {CODES_BY}, which codes are sent from: this business has none"
    return [Problem(path=path, detail=words) for path, policy in _policies(document) if _asks(policy)]


def _policies(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    queues = document.get("queues")
    business = document.get("business")
    own = business.get("policy") if isinstance(business, Mapping) else None
    found = [("business.policy.guards.prove_numbers", own)]
    for i, queue in enumerate(queues if isinstance(queues, list) else []):
        if isinstance(queue, Mapping):
            found.append((f"queues[{i}].policy.guards.prove_numbers", queue.get("policy")))
    return found


def _asks(policy: Any) -> bool:
    guards = policy.get("guards") if isinstance(policy, Mapping) else None
    return isinstance(guards, Mapping) and guards.get("prove_numbers") == ProveBy.SMS.value
