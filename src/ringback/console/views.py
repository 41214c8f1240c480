"""The statements behind desk and console; run as the read role, which row-level security binds."""

from __future__ import annotations

from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "views.sql")
