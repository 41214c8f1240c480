"""The list of points follows the code: what commits is struck, or is named with the reason why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.points import CARRIER, NOT_ON_THE_PATH, SERVERS, SOURCE, commit_names, enumerate_points, servers_of


def test_every_server_has_its_commits_and_the_sessions_every_verb_of_a_call():
    points = enumerate_points()
    assert set(points) == set(SERVERS)
    verbs = {f"carrier:{CARRIER}:{verb}" for verb in ("prepare", "dial", "revoke", "lookup", "join", "hang_up")}
    assert verbs | {"commit:fence", "commit:record", "commit:record_join", "commit:take_over"} <= points["sessions"]
    assert {"commit:apply_interactions.RequestCallback", "commit:timer_work"} <= points["interactions"]
    assert not any("{" in point for of_server in points.values() for point in of_server)


def test_what_is_left_out_is_still_there():
    modules = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py")]
    gone = [
        name for name in NOT_ON_THE_PATH if ":" not in name and not any(module.startswith(name) for module in modules)
    ]
    assert gone == []


def test_a_new_commit_is_found_however_it_is_named(tmp_path: Path):
    module = tmp_path / "new.py"
    module.write_text(
        "async def act(database, joined):\n"
        "    name = 'one' if joined else 'other'\n"
        "    async with database.transaction(name=name) as tx:\n"
        "        async with database.transaction(name='third'):\n"
        "            pass\n"
    )
    assert commit_names(module) == {"one", "other", "third"}


def test_a_new_commit_of_the_database_or_of_no_server_is_refused_until_somebody_says_whose_it_is():
    assert servers_of("postgres/messages.py", "note_failure") == SERVERS
    assert servers_of("interaction_manager/workflows/new.py", "new") == ("interactions",)
    for module in ("postgres/messages.py", "new_place/module.py"):
        with pytest.raises(AssertionError, match="say in tests/faults/points.py"):
            servers_of(module, "new")
