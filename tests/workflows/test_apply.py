"""A business as one document: its widgets and log-ins with the rest, and twice is once."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from ringback.administration.configuration import apply_document, lines_of
from ringback.administration.people import add_user
from ringback.business_document import BusinessDocuments
from ringback.domain.errors import ConfigurationError, NotFound
from ringback.domain.ids import BusinessId
from ringback.identity.passwords import Passwords
from ringback.installation import Installation
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.sql import parse_sql
from ringback.settings import Settings
from tests.support.databases import SECRET

DOCUMENT: dict[str, Any] = {
    "business": {"slug": "acme", "name": "Acme Energy", "zone": "Europe/London"},
    "queues": [{"slug": "billing", "name": "Billing", "default": True, "hours": {"week": {"mon": ["08:00-18:00"]}}}],
    "agents": [{"slug": "kim", "name": "Kim", "queues": ["billing"]}],
    "channels": [
        {
            "name": "Help pages",
            "allowed_origins": ["https://www.acme.example"],
            "identity_secret": "shared with the page's server",
        }
    ],
    "bots": [
        {
            "slug": "help",
            "name": "Helper",
            "kind": "faq",
            "questions": [{"question": "When is my bill due?", "answer": "On the tenth."}],
        }
    ],
    "emergency": {"words": ["gas leak"], "text": "Leave the house."},
    "users": [
        {
            "email": "kim@acme.example",
            "name": "Kim",
            "roles": ["agent"],
            "agent": "kim",
            "password": "correct horse battery",
        }
    ],
}

OTHER: dict[str, Any] = {
    "business": {"slug": "other", "name": "Other", "zone": "UTC"},
    "queues": DOCUMENT["queues"],
    "agents": [],
    "channels": [{"name": "Theirs", "key": "wk_of-the-other", "allowed_origins": ["*"]}],
    "users": [{"email": "boss@other.example", "name": "Boss", "roles": ["admin"], "password": "long enough"}],
}
AUDIT = parse_sql("-- name: look\nSELECT principal, action, detail FROM audit WHERE business = :business;")["look"]


@pytest.fixture
async def installation(database_address: ServerAddress) -> AsyncIterator[Installation]:
    """An installation on a database of the test's own."""
    opened = Installation(settings=Settings(), address=database_address, secret=SECRET)
    yield opened
    await opened.close()


async def test_applying_the_same_document_twice_changes_nothing_and_the_widgets_key_is_said(installation: Installation):
    lines = list(lines_of(await apply_document(installation, DOCUMENT)))
    assert "log-in kim@acme.example: created" in lines
    at = lines.index("widget Help pages: created")
    assert lines[at + 1].startswith('    key: null → "wk_')
    assert list(lines_of(await apply_document(installation, DOCUMENT))) == [
        "nothing to do: the business is as the document says",
        "the log-in that exists keeps its password: ringback user password EMAIL sets another",
    ]


async def test_what_the_document_says_of_people_and_widgets_is_done_and_shown(installation: Installation):
    await apply_document(installation, DOCUMENT)
    changed = copy.deepcopy(DOCUMENT)
    changed["channels"][0]["greeting"] = "Hello"
    changed["users"][0] |= {"roles": ["agent", "supervisor"], "queues": ["billing"], "name": "Kim Osei"}
    shown = await apply_document(installation, changed, dry_run=True)
    assert list(lines_of(shown))[:-1] == [
        "widget Help pages: changed",
        '    settings.greeting: null → "Hello"',
        "log-in kim@acme.example: changed",
        '    name: "Kim" → "Kim Osei"',
        '    roles: ["agent"] → ["agent", "supervisor"]',
        '    queues: [] → ["billing"]',
    ]
    done = await apply_document(installation, changed)
    assert done["changes"] == shown["changes"]
    assert (await apply_document(installation, changed))["changes"] == []


async def test_who_applied_what_is_in_the_audit_and_passwords_are_not_in_the_document(installation: Installation):
    business = BusinessId(UUID((await apply_document(installation, DOCUMENT))["business"]))
    read = await installation.pool(Role.READ)
    async with read.transaction(business, name="look") as tx:
        (entry,) = await tx.rows(AUDIT, business=business)
    assert (entry["principal"], entry["action"]) == ("cli", "configuration.applied")
    assert "widget Help pages created" in entry["detail"]["changes"]
    documents = BusinessDocuments(await installation.pool(Role.OPERATOR), Passwords())
    document = await documents.document(business, log_ins=True)
    assert document["users"] == [
        {"email": "kim@acme.example", "name": "Kim", "roles": ["agent"], "agent": "kim"},
    ]
    assert "password" not in str(document) and "shared with" not in str(document)
    assert (await apply_document(installation, document)) == {"business": str(business), "changes": [], "notes": []}


@pytest.mark.parametrize("dry_run", [True, False])
async def test_everything_wrong_is_said_at_once_and_nothing_is_done(installation: Installation, dry_run: bool):
    await apply_document(installation, DOCUMENT)
    await apply_document(installation, OTHER)
    wrong = copy.deepcopy(DOCUMENT)
    wrong["queues"][0]["name"] = "Bills"
    wrong["channels"][0]["key"] = "wk_another-one"
    wrong["users"][0]["agent"] = "lee"
    wrong["users"] += [
        {"email": "new@acme.example", "name": "New", "roles": ["auditor"]},
        {"email": "BOSS@other.example", "name": "Boss", "roles": ["supervisor"], "queues": ["moon"], "password": "long enough"},
    ]  # fmt: skip
    with pytest.raises(ConfigurationError) as refused:
        await apply_document(installation, wrong, dry_run=dry_run)
    for each in (
        "channels[0].key the widget 'Help pages' has the key",
        "users[0].agent there is no agent lee",
        "users[1].password is missing",
        "users[2].email BOSS@other.example logs in at another business",
        "users[2].queues there is no queue moon",
    ):
        assert each in str(refused.value)
    assert (await apply_document(installation, DOCUMENT))["changes"] == [], "not even the queue's name was changed"


async def test_a_widget_of_another_business_and_the_last_administrator_are_refused(installation: Installation):
    await apply_document(installation, OTHER)
    taken = {**DOCUMENT, "channels": [{"name": "Mine", "key": "wk_of-the-other", "allowed_origins": ["*"]}]}
    with pytest.raises(ConfigurationError, match=r"channels\[0\]\.key wk_of-the-other is another business's"):
        await apply_document(installation, taken)
    closed = copy.deepcopy(OTHER)
    closed["users"][0]["disabled"] = True
    with pytest.raises(ConfigurationError, match="leaves nobody to administer"):
        await apply_document(installation, closed)


async def test_a_new_business_that_is_wrong_is_not_made(installation: Installation):
    without = copy.deepcopy(DOCUMENT)
    del without["users"][0]["password"]
    with pytest.raises(ConfigurationError, match=r"users\[0\]\.password is missing"):
        await apply_document(installation, without)
    difference = await apply_document(installation, DOCUMENT, dry_run=True)
    assert difference["business"] is None, "the business is not there yet"


async def test_a_supervisor_of_some_queues_is_made_on_the_command_line(installation: Installation):
    business = BusinessId(UUID((await apply_document(installation, DOCUMENT))["business"]))
    settings = replace(Settings(), database_url=installation.address.url, secret=SECRET)
    said: Any = {"email": "nadia@acme.example", "name": "Nadia", "password": "long enough", "agent": None}
    await add_user(settings, "acme", roles=["supervisor"], queues=["billing"], **said)
    documents = BusinessDocuments(await installation.pool(Role.OPERATOR), Passwords())
    assert (await documents.document(business, log_ins=True))["users"][1]["queues"] == ["billing"]
    with pytest.raises(NotFound, match="no queue"):
        await add_user(settings, "acme", roles=["supervisor"], queues=["moon"], **said)


async def test_an_account_on_a_channel_is_made_and_kept_without_showing_its_secrets(installation: Installation):
    sms = {
        "name": "Text messages",
        "kind": "twilio-sms",
        "key": "ch_acme-sms",
        "region": "GB",
        "credentials": {"account_sid": "AC" + "0" * 32, "auth_token": "not to be shown"},
        "options": {"from": "+447700900000"},
    }
    document = {**DOCUMENT, "channels": [*DOCUMENT["channels"], sms]}
    assert "channel Text messages: created" in list(lines_of(await apply_document(installation, document)))
    again = copy.deepcopy(document)
    del again["channels"][1]["credentials"]
    assert (await apply_document(installation, again))["changes"] == []
    again["channels"][1]["options"]["from"] = "nobody"
    with pytest.raises(ConfigurationError, match=r"channels\[1\]\.options\.from"):
        await apply_document(installation, again)
    again["channels"][1] = {"name": "Post", "kind": "pigeon"}
    with pytest.raises(ConfigurationError, match=r"channels\[1\]\.kind is one of generic, matrix"):
        await apply_document(installation, again)


async def test_codes_are_refused_to_a_business_that_cannot_send_them(installation: Installation):
    wanted = copy.deepcopy(DOCUMENT)
    wanted["business"]["policy"] = {"guards": {"prove_numbers": "sms"}}
    with pytest.raises(ConfigurationError, match="business.policy.guards.prove_numbers.*twilio-sms"):
        await apply_document(installation, wanted)
    account = {
        "name": "SMS",
        "kind": "twilio-sms",
        "credentials": {"account_sid": "AC" + "0" * 32, "auth_token": "theirs"},
        "options": {"from": "+447700900000"},
    }
    await apply_document(installation, wanted | {"channels": [*wanted["channels"], account]})
    lines = list(lines_of(await apply_document(installation, wanted)))
    assert lines[0].startswith("nothing to do"), "a channel that the document does not name is there all the same"
