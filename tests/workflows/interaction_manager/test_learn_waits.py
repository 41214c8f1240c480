"""What queues learn about their waits is kept: taken further once a minute, read for every estimate, not forgotten by a restart."""

from ringback.domain.ids import new_id
from ringback.interaction_manager.configuration import SettingsCache, load_settings
from ringback.interaction_manager.learning import learn_waits, load_models
from tests.workflows.interaction_manager.floor import Floor

HANDLED = """
    INSERT INTO handled (business, queue, callback, attempt, agent, accepted_at, joined_at, wrapped_at)
    SELECT $1, $2, $3, gen_random_uuid(), $3, now() - interval '1 minute' * (n + 2), now() - interval '1 minute' * (n + 2),
           now() - interval '1 minute' * (n + 2) + interval '100 seconds' FROM generate_series(1, 40) AS n
"""


async def learn(floor: Floor) -> int:
    async with floor.databases.interactions.transaction(floor.business, name="learn_waits") as tx:
        settings = await load_settings(tx, floor.business, SettingsCache())
        return await learn_waits(tx, floor.business, settings.queues)


async def test_what_is_learned_is_learned_once_and_read_by_another_process(floor: Floor):
    queue = await floor.queue()
    await floor.sql(HANDLED, floor.business, queue, new_id())
    assert await learn(floor) == 40
    assert await learn(floor) == 0, "nothing is learned twice"
    async with floor.databases.interactions.transaction(floor.business, name="load_models") as tx:
        settings = await load_settings(tx, floor.business, SettingsCache())
        models = await load_models(tx, floor.business, settings.queues, {})
        assert models[queue].handling.count == 40
        assert 90 < models[queue].handling.mean(tx.now.timestamp()) < 130
