"""Statements of desk and API: reads as the read role, webhooks as the application role."""

from __future__ import annotations

from ringback.postgres.sql import load_sql

DESK = load_sql(__file__, "desk.sql")
API = load_sql(__file__, "api.sql")
DO_NOT_CALL = load_sql(__file__, "do_not_call.sql")
WEBHOOKS = load_sql(__file__, "webhooks.sql")
OUTSIDE = load_sql(__file__, "outside.sql")
CHANNELS = load_sql(__file__, "channels.sql")
RECORDINGS = load_sql(__file__, "recordings.sql")
LIVE_CHATS = load_sql(__file__, "live_chats.sql")
SHIFTS = load_sql(__file__, "shifts.sql")
