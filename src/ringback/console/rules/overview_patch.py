"""What changed between two overviews: only the members that differ, rows by id."""

from __future__ import annotations

from ringback.console.wire import ConsolePatch, ConsoleView

_MEMBERS = tuple(name for name in ConsoleView.__struct_fields__ if name not in ("now", "rows"))


def patch(before: ConsoleView, after: ConsoleView) -> ConsolePatch | None:
    """Return the patch from one to the other; None when nothing a person sees changed."""
    changed = {name: getattr(after, name) for name in _MEMBERS if getattr(before, name) != getattr(after, name)}
    known = {row.id: row for row in before.rows}
    rows = [row for row in after.rows if known.get(row.id) != row]
    gone = sorted(known.keys() - {row.id for row in after.rows})
    if not changed and not rows and not gone:
        return None
    return ConsolePatch(patch={"now": after.now, **changed}, rows=rows, gone=gone)
