"""How long things are kept (design.md, defaults), and the statements that forget them."""

from __future__ import annotations

from ringback.postgres.sql import load_sql

CHAT_DAYS = 90
LEDGER_DAYS = 1825

SQL = load_sql(__file__, "retention.sql")
