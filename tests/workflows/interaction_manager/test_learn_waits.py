"""What queues learn about their waits is kept: taken further once a minute, read for every estimate, not forgotten by a restart."""

import json

from ringback.domain.ids import new_id
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings
from ringback.interaction_manager.learning import learn_waits, load_models
from ringback.interaction_manager.rules.estimates.basis import Basis
from ringback.interaction_manager.rules.estimates.model import new_model
from ringback.interaction_manager.rules.estimates.passage import Line
from tests.workflows.interaction_manager.floor import Floor

HANDLED = """
    INSERT INTO handled (business, queue, callback, attempt, agent, accepted_at, joined_at, wrapped_at)
    SELECT $1, $2, $3, gen_random_uuid(), $3, now() - interval '1 minute' * (n + 2), now() - interval '1 minute' * (n + 2),
           now() - interval '1 minute' * (n + 2) + interval '100 seconds' FROM generate_series(1, 40) AS n
"""
PROMISES = """
    INSERT INTO promise (business, id, callback, n, kind, queue, channel, provider, made_at, window_start, window_end, early_is_fine,
                         agent_ready_at, basis, result, settled_at)
    SELECT $1, gen_random_uuid(), $3, 100 + n, 'first', $2, 'web', 'biz:acme', now() - interval '1 minute' * (n + 20), now() - interval '1 hour',
           now() + interval '1 hour', true, now() - interval '1 minute' * (n + 20) + interval '900 seconds', $4, 'kept', now()
    FROM generate_series(1, 40) AS n
"""
TRIES = """
    INSERT INTO assignment (business, id, callback, attempt, agent, state, reasons, made_at, accepted_at, ended_at, ended_why)
    SELECT $1, gen_random_uuid(), $2, gen_random_uuid(), $3, 'ended', '{}', now() - interval '1 minute' * (n + 2),
           now() - interval '1 minute' * (n + 2), now() - interval '1 minute' * (n + 1),
           CASE WHEN n % 4 = 0 THEN 'talked' ELSE 'no_answer' END FROM generate_series(1, 40) AS n
"""


async def learn(floor: Floor) -> int:
    async with floor.databases.interactions.transaction(floor.business, name="learn_waits") as tx:
        settings = await load_settings(tx, floor.business, SettingsCache())
        snapshot = await load_agents(tx, floor.business, settings)
        return await learn_waits(tx, floor.business, snapshot.queues, snapshot.agents)


async def models(floor: Floor):
    async with floor.databases.interactions.transaction(floor.business, name="load_models") as tx:
        settings = await load_settings(tx, floor.business, SettingsCache())
        return await load_models(tx, floor.business, settings.queues, {}), tx.now.timestamp()


async def test_what_is_learned_is_learned_once_and_read_by_another_process(floor: Floor):
    queue = await floor.queue()
    await floor.sql(HANDLED, floor.business, queue, new_id())
    assert await learn(floor) == 40
    assert await learn(floor) == 0, "nothing is learned twice"
    learned, now = await models(floor)
    assert learned[queue].handling.count == 40
    assert 90 < learned[queue].handling.mean(now) < 130


async def test_outcomes_of_promises_teach_the_queue_what_those_of_a_log_teach(floor: Floor):
    """Forty were told some 1-4 minutes and waited 15: the range was wrong, is known to have been, and becomes longer."""
    queue = await floor.queue()
    kim = await floor.agent("kim", queue)
    callback = await floor.book()
    line = Line(ahead=2, oldest=30.0, busy=[(30.0, 1.0)] * 4)
    before = new_model(prior=200.0).predict(line, 1e9)
    basis = Basis(prediction=before, told=(before.p10, before.p50, before.p90, before.p97)).as_plain()
    await floor.sql(PROMISES, floor.business, queue, callback, json.dumps(basis))
    await floor.sql(TRIES, floor.business, callback, kim)
    assert await learn(floor) >= 80
    learned, now = await models(floor)
    model = learned[queue]
    assert model.held.weight > 30 and model.held.mean(0.8, 0.0) < 0.05
    assert model.success.mean(1.0, 0.0) < 0.3
    model.handling = new_model(prior=200.0).handling
    assert model.predict(line, now).p90 > 1.5 * before.p90


TAKEN = """
    INSERT INTO outside_interaction (business, source, ref, queue, state, arrived_at, answered_at, ended_at, ended_why, agent)
    SELECT $1, $2, $3::text || n, $4, CASE WHEN $5::uuid IS NULL THEN 'waiting' ELSE 'ended' END, now() - interval '1 hour',
           CASE WHEN $5 IS NULL THEN NULL ELSE now() - interval '1 minute' * n END,
           CASE WHEN $5 IS NULL THEN NULL ELSE now() - interval '30 seconds' END, CASE WHEN $5 IS NULL THEN NULL ELSE 'talked' END, $5
    FROM generate_series(1, $6) AS n
"""


async def test_whom_shared_agents_take_while_others_wait_is_learned(floor: Floor):
    billing, sales = await floor.queue(), await floor.queue("sales")
    kim, source = await floor.agent("kim", billing, sales), new_id()
    await floor.sql("INSERT INTO outside_source (business, id, slug) VALUES ($1, $2, 'pbx')", floor.business, source)
    await floor.sql(TAKEN, floor.business, source, "taken-", billing, kim, 20)
    await floor.sql(TAKEN, floor.business, source, "waits-", sales, None, 1)
    await learn(floor)
    learned, _ = await models(floor)
    assert learned[billing].division.part(1) > 0.85 and learned[sales].division.part(1) < 0.15
