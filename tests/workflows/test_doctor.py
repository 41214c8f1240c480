"""What `ringback doctor` finds, and the mend that it names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ringback.bootstrap import migrate_database
from ringback.doctor import data_that_is_missing, examine
from ringback.domain.errors import ConfigurationError
from ringback.findings import Finding, Health
from ringback.postgres.address import ServerAddress
from ringback.settings import Settings, unknown_variables
from tests.support.databases import SECRET, Databases
from tests.support.processes import free_port

ANOTHER = "another secret, and long enough for one"


async def found(
    address: ServerAddress, settings: Settings | None = None, *, secret: str = SECRET
) -> dict[str, list[Finding]]:
    """Return the findings by what was looked at."""
    by_what: dict[str, list[Finding]] = {}
    async for each in examine(settings or Settings(port=free_port()), address, secret, internal_secret=secret):
        by_what.setdefault(each.what, []).append(each)
    return by_what


def only(findings: list[Finding], health: Health) -> Finding:
    """Return the one finding, which is of this health."""
    (finding,) = findings
    assert finding.health is health
    return finding


async def test_a_database_as_it_should_be_is_well_and_servers_that_do_not_run_are_named(database_address):
    findings = await found(database_address)
    assert {"schema", "messages", "timers"} <= findings.keys()
    assert all(each.health is Health.GOOD for what in ("schema", "messages", "timers") for each in findings[what])
    assert only(findings["servers"], Health.WARNING).mend == "ringback serve"


async def test_a_database_of_another_secret_is_told_from_one_that_is_away(database_address):
    other = await found(database_address, secret=ANOTHER)
    assert "RINGBACK_SECRET" in str(only(other["roles"], Health.BAD).mend)
    away = await found(replace(database_address, host="127.0.0.1", port=free_port()))
    assert "RINGBACK_DATABASE_URL" in str(only(away["database"], Health.BAD).mend)


async def test_a_carrier_that_is_not_installed_is_named_with_those_that_are(database_address):
    findings = await found(database_address, Settings(port=free_port(), carriers=("pigeon",)))
    finding = only(findings["calls"], Health.BAD)
    assert "pigeon" in finding.line
    assert "browser" in str(finding.mend)


def test_looking_for_a_database_in_a_mistyped_folder_does_not_make_one(tmp_path: Path):
    folder = tmp_path / "ringback-dta"
    finding = data_that_is_missing(Settings(data=folder))
    assert finding is not None
    assert str(folder) in finding.line
    assert not folder.exists()
    assert data_that_is_missing(Settings(data=folder, database_url="postgresql://db.example/ringback")) is None


def test_a_variable_that_nothing_reads_is_found_with_the_one_that_was_meant():
    assert unknown_variables({"RINGBACK_PROT": "1", "RINGBACK_PORT": "1", "RINGBACK_CONFIG": "x", "HOME": "/"}) == {
        "RINGBACK_PROT": "RINGBACK_PORT"
    }


async def test_migrating_a_database_that_is_away_says_so_in_one_line():
    url = f"postgresql://admin:x@127.0.0.1:{free_port()}/ringback?sslmode=disable"
    with pytest.raises(ConfigurationError, match="not reachable"):
        await migrate_database(Settings(database_url=url, secret=ANOTHER))


async def test_a_silent_source_outside_and_a_failing_webhook_are_named(databases: Databases):
    business = await databases.make_business()
    async with databases.administrator() as connection:
        await connection.execute(
            "INSERT INTO outside_source (business, id, slug, snapshot_at, heard_at) VALUES ($1, gen_random_uuid(), 'pbx', now(), now() - interval '2 minutes')",
            business,
        )
        await connection.execute(
            "INSERT INTO webhook_endpoint (business, id, url, secret, created_at, failing_since)"
            " VALUES ($1, gen_random_uuid(), 'https://crm.example/hook?key=1', 'whsec_x', now(), now())",
            business,
        )
    findings = await found(databases.address)
    assert "acme/pbx has been silent" in only(findings["outside"], Health.WARNING).line
    line = only(findings["webhooks"], Health.WARNING).line
    assert "crm.example fails since" in line and "key=1" not in line
