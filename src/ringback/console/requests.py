"""The statements by which desk, console and API ask for callbacks; run as the application role."""

from __future__ import annotations

from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "requests.sql")
