"""What levers would do, said before: whom a closure touches, who is asked about an incident, what a cap means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ringback.console.rules.lever_words import affected_by, lever_summary
from ringback.domain.commands import SetLevers
from ringback.domain.ids import CommandId, new_id

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def row(hours: float, **changes: Any) -> dict[str, Any]:
    start = NOW + timedelta(hours=hours)
    return {
        "id": new_id(), "state": "waiting", "window_start": start, "window_end": start + timedelta(minutes=15), "early_is_fine": False,
        "person_name": "Dana", "destination": "browser", "ending": None, "zone": "Europe/London", "has_chat": True,
    } | changes  # fmt: skip


def pull(**levers: Any) -> SetLevers:
    return SetLevers(command=CommandId(new_id()), queue="billing", by="user:1", reason="x", **levers)


def test_a_closure_touches_what_is_promised_in_it_and_nothing_after_it_opens_again():
    before, inside, tomorrow = row(1), row(5), row(24)
    close = pull(close_at=NOW + timedelta(hours=3))
    touched = affected_by(close, [before, inside, tomorrow], NOW, LONDON)
    assert [each.callback for each in touched] == [inside["id"]]
    assert touched[0].effect == "Booked after closing: told, and offered another time"
    assert lever_summary(close, [before, inside, tomorrow], NOW, LONDON) == "Closes 15:00. 1 is promised after that."
    short = pull(close_at=NOW + timedelta(hours=3), reopen_at=NOW + timedelta(hours=4))
    assert affected_by(short, [before, inside, tomorrow], NOW, LONDON) == []


def test_an_incident_asks_who_came_by_a_chat_and_names_who_did_not():
    chat, phone, talking = row(1), row(1, has_chat=False), row(0, state="talking")
    incident = pull(incident="The line is down")
    assert [each.effect for each in affected_by(incident, [chat, phone, talking], NOW, LONDON)] == [
        "Asked in the chat",
        "Not asked: it did not come by a chat",
    ]
    assert lever_summary(incident, [chat, phone], NOW, LONDON).endswith("1 is asked in the chat.")


def test_somebody_touched_twice_is_named_once():
    both = pull(dialling=False, incident="The line is down")
    assert len(affected_by(both, [row(0.1)], NOW, LONDON)) == 1


def test_caps_say_what_they_mean():
    assert lever_summary(pull(wait_cap=1200), [], NOW, LONDON).endswith("more than 20 min.")
    assert (
        lever_summary(pull(wait_cap=-1, backlog_cap=-1), [row(1)], NOW, LONDON)
        == "No cap. 1 is promised. No cut-off by the wait."
    )
