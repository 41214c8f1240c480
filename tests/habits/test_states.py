"""The drawings in the docs are the tables in the code."""

from __future__ import annotations

from scripts.draw_states import DOCUMENT, document


def test_the_drawn_states_are_those_of_the_tables() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python scripts/draw_states.py"
