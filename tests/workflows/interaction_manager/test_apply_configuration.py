"""A real business from a file: created, changed, retired, or refused as a whole."""

import copy
from typing import Any

import pytest

from ringback.domain.documents import ConfigurationInvalid
from ringback.domain.ids import BusinessId, new_id
from ringback.interaction_manager.configuration import SettingsCache, load_settings
from ringback.interaction_manager.workflows.apply_configuration import (
    apply_configuration,
    configuration_of,
)
from tests.support.databases import Databases
from tests.workflows.interaction_manager.floor import ALWAYS, Floor

DOCUMENT: dict[str, Any] = {
    "business": {"slug": "acme", "name": "Acme Energy", "zone": "Europe/London"},
    "queues": [
        {"slug": "billing", "name": "Billing", "hours": {"week": ALWAYS["week"]}},
        {"slug": "support", "name": "Support", "hours": {"week": {"mon": ["08:00-18:00"]}}, "skills": ["support"]},
    ],
    "agents": [
        {"slug": "kim", "name": "Kim", "queues": ["billing", "support"], "skills": {"support": 2}, "carrier": "simulated"},
        {"slug": "lee", "name": "Lee", "queues": ["support"], "skills": {"support": 4}},
    ],
}  # fmt: skip


async def put(databases: Databases, business: BusinessId, document, *, dry_run=False):
    async with databases.interactions.transaction(business, name="apply_configuration") as tx:
        return await apply_configuration(tx, business, document, by="user:test", dry_run=dry_run)


async def test_a_business_is_made_from_nothing_and_making_it_again_changes_nothing(databases: Databases):
    business = BusinessId(new_id())
    dry = await put(databases, business, DOCUMENT, dry_run=True)
    assert len(dry.changes) == 5
    made = await put(databases, business, DOCUMENT)
    assert made.changes == dry.changes
    assert (await put(databases, business, DOCUMENT)).changes == ()
    async with databases.interactions.transaction(business, name="look") as tx:
        document = await configuration_of(tx, business)
        settings = await load_settings(tx, business, SettingsCache())
    assert (await put(databases, business, document)).changes == ()
    assert [queue["slug"] for queue in document["queues"] if queue["default"]] == ["billing"]
    assert {agent.slug for agent in settings.agents.values()} == {"kim", "lee"}


async def test_changes_are_made_and_cached_settings_notice(databases: Databases):
    business, cache = BusinessId(new_id()), SettingsCache()
    await put(databases, business, DOCUMENT)
    async with databases.interactions.transaction(business, name="look") as tx:
        before = await load_settings(tx, business, cache)
        assert await load_settings(tx, business, cache) is before
    document = copy.deepcopy(DOCUMENT)
    document["business"]["policy"] = {"slot_length": 300}
    document["queues"][1]["default"] = True
    document["agents"][1]["queues"] = ["support", "billing"]
    document["agents"][1]["skills"]["lang:de"] = 3
    changed = await put(databases, business, document)
    assert [(each.kind, each.slug) for each in changed.changes] == [
        ("business", "acme"), ("queue", "billing"), ("queue", "support"), ("agent", "lee"),
    ]  # fmt: skip
    async with databases.interactions.transaction(business, name="look") as tx:
        after = await load_settings(tx, business, cache)
    assert [queue.slug for queue in after.queues.values() if queue.is_default] == ["support"]
    assert all(queue.policy.slot_length == 300 for queue in after.queues.values())
    assert {len(agent.queues) for agent in after.agents.values()} == {2}


async def test_what_is_left_out_is_retired_and_comes_back_under_its_name(databases: Databases):
    business = BusinessId(new_id())
    await put(databases, business, DOCUMENT)
    smaller = copy.deepcopy(DOCUMENT)
    del smaller["agents"][1], smaller["queues"][1]
    smaller["agents"][0]["queues"] = ["billing"]
    retired = await put(databases, business, smaller)
    assert ("queue", "support", "retired") in [(each.kind, each.slug, each.act) for each in retired.changes]
    assert (await put(databases, business, smaller)).changes == ()
    assert len((await put(databases, business, DOCUMENT)).changes) == 3
    assert (await put(databases, business, DOCUMENT)).changes == ()


async def test_nothing_with_open_callbacks_vanishes(databases: Databases, floor: Floor):
    business = floor.business
    await put(databases, business, DOCUMENT)
    await floor.sql("UPDATE agent_state SET state = 'available' WHERE business = $1", business)
    await floor.book("biz:acme/q:billing/a:kim")
    document = copy.deepcopy(DOCUMENT)
    del document["queues"][0], document["agents"][0]
    with pytest.raises(ConfigurationInvalid) as refused:
        await put(databases, business, document)
    assert [each.path for each in refused.value.problems] == ["agents", "queues"]
    assert "has 1 open callback" in refused.value.problems[0].detail
    assert (await put(databases, business, DOCUMENT)).changes == ()


async def test_a_queue_that_agents_need_cannot_go_and_a_business_keeps_its_name(databases: Databases):
    business = BusinessId(new_id())
    await put(databases, business, DOCUMENT)
    with pytest.raises(ConfigurationInvalid) as refused:
        await put(
            databases,
            business,
            {"business": DOCUMENT["business"] | {"slug": "other"}, "queues": DOCUMENT["queues"][:1]},
        )
    assert {each.path for each in refused.value.problems} == {"business.slug", "agents.kim.queues", "agents.lee.queues"}
    with pytest.raises(ConfigurationInvalid):
        await put(databases, BusinessId(new_id()), {"business": {"slug": "new", "name": "New", "zone": "UTC"}})
