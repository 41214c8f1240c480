"""docs/api.md names every scope, role, webhook event and only those that exist."""

from __future__ import annotations

import re

from ringback.domain.webhooks import WebhookEvent
from ringback.identity.rules.rights import KEY_SCOPES, Role
from tests.habits.tracked import ROOT

TEXT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z]+[:.][a-z_]+)`", TEXT))
EVENTS = set(re.findall(r"`([a-z]+\.[a-z_]+)`", TEXT.partition("## Webhooks")[2]))


def test_every_scope_and_role_is_described():
    assert {name for name in NAMED if ":" in name} == {scope.value for scope in KEY_SCOPES}
    assert all(f"`{role.value}`" in TEXT for role in Role)


def test_every_event_is_described():
    assert {event.value for event in WebhookEvent} == EVENTS
