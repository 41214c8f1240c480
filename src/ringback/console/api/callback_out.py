"""A callback as the API gives it: from its row, or from its request while there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringback.console.api.wire import CallbackOut, CustomerOut, EstimateOut, PromiseOut, QueueRef, Window
from ringback.console.rules.customer_words import customer_name
from ringback.console.rules.rows import Row


def of_callback(row: Row) -> CallbackOut:
    """Return a callback from its row."""
    estimate = None
    if row["estimate_p10"] is not None:
        estimate = EstimateOut(p10=row["estimate_p10"], p50=row["estimate_p50"], p90=row["estimate_p90"])
    return CallbackOut(
        id=row["id"],
        state=row["state"],
        reason=row["reason"],
        provider=row["provider"],
        queue=QueueRef(slug=row["queue_slug"], name=row["queue_name"]),
        agent=row["agent_name"],
        customer=CustomerOut(
            person=row["person"],
            name=customer_name(row["person_name"], row["destination"], row["ending"]),
            destination=row["destination"],
            where="this browser" if row["destination"] == "browser" else f"number ending {row['ending']}",
        ),
        topic=row["topic"],
        language=row["language"],
        channel=row["channel"],
        created_by=row["created_by"],
        accepted_at=row["accepted_at"],
        promise=PromiseOut(
            window=Window(start=row["window_start"], end=row["window_end"]), early_is_fine=row["early_is_fine"]
        ),
        estimate=estimate,
        attempts=row["attempts"],
        customer_attempts=row["customer_attempts"],
        outcome=row["outcome"],
        disposition=row["disposition"],
        rating=row["rating"],
        finished_at=row["finished_at"],
    )


def of_request(row: Row) -> CallbackOut:
    """Return a callback from its request: sent, or refused with the reason."""
    request: Mapping[str, Any] = row["request"]
    destination: Mapping[str, Any] = request.get("destination") or {}
    where = str(destination.get("address") or destination.get("kind") or "")
    return CallbackOut(
        id=row["id"],
        state=row["state"],
        reason=row["problem"],
        provider=row["provider"],
        queue=None,
        agent=None,
        customer=CustomerOut(
            person=row["person"],
            name=request.get("person_name") or "Customer",
            destination=str(destination.get("kind") or "browser"),
            where=where,
        ),
        topic=request.get("topic"),
        language=request.get("language"),
        channel=request.get("channel"),
        created_by=row["principal"],
        accepted_at=None,
        promise=None,
        estimate=None,
        attempts=0,
        customer_attempts=0,
        outcome=None,
        disposition=None,
        rating=None,
        finished_at=None,
    )
