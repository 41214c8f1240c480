"""From what was asked for to one queue, and an agent if one was named; with the reason, which is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringback.domain.errors import NotFound
from ringback.domain.providers import Provider, parse_provider
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Snapshot

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a callback goes: `provider` is the resolved address."""

    queue: Queue
    agent: Agent | None
    why: str
    provider: str


def _unknown(detail: str) -> NotFound:
    return NotFound(
        detail, id="unknown-provider", field="provider", next="Choose one of the departments that are shown."
    )


def words_in(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return _WORD.findall(text.casefold())


def _named_by(topic: str | None, queues: list[Queue]) -> tuple[Queue, str] | None:
    """Return the queue whose topic words occur most in what it is about, and the word that led there."""
    if not topic:
        return None
    said = f" {' '.join(words_in(topic))} "
    best: tuple[int, Queue, str] | None = None
    for queue in queues:
        hits = [word for word in queue.topics if f" {' '.join(words_in(word))} " in said]
        if hits and (best is None or len(hits) > best[0]):
            best = (len(hits), queue, hits[0])
    return None if best is None else (best[1], best[2])


def _called(snapshot: Snapshot, slug: str | None) -> Queue | None:
    if snapshot.structure is not None:
        id = snapshot.structure.queue_called.get(slug or "")
        return snapshot.queues.get(id) if id is not None else None
    return next((queue for queue in snapshot.queues.values() if queue.slug == slug), None)


def _agent_called(snapshot: Snapshot, slug: str) -> Agent | None:
    if snapshot.structure is not None:
        id = snapshot.structure.agent_called.get(slug)
        return snapshot.agents.get(id) if id is not None else None
    return next((agent for agent in snapshot.agents.values() if agent.slug == slug), None)


def _ordered(snapshot: Snapshot) -> list[Queue]:
    if snapshot.structure is not None:
        return [snapshot.queues[id] for id in snapshot.structure.ordered if id in snapshot.queues]
    return sorted(snapshot.queues.values(), key=lambda queue: (not queue.is_default, queue.slug))


def route(snapshot: Snapshot, address: str, topic: str | None = None) -> Route:
    """Resolve a provider's address; raise NotFound (`unknown-provider`), or Invalid when it is no address at all."""
    provider = parse_provider(address)
    if provider.business != snapshot.business:
        raise _unknown(f"there is no provider {address}")
    asked = _called(snapshot, provider.queue)
    if provider.queue is not None and asked is None:
        raise _unknown(f"there is no department {provider.queue}")
    if provider.agent is not None:
        return _to_agent(snapshot, provider, asked, topic)
    if asked is not None:
        return _route(snapshot, asked, None, f"{asked.name} was asked for")
    queues = _ordered(snapshot)
    by_topic = _named_by(topic, queues)
    if by_topic is not None:
        return _route(snapshot, by_topic[0], None, f"the topic says “{by_topic[1]}”")
    if not queues:
        raise _unknown("this business has no departments")
    why = "the default department" if queues[0].is_default else "the first department: none is the default"
    return _route(snapshot, queues[0], None, why)


def _to_agent(snapshot: Snapshot, provider: Provider, asked: Queue | None, topic: str | None) -> Route:
    agent = _agent_called(snapshot, provider.agent or "")
    if agent is None:
        raise _unknown(f"there is nobody called {provider.agent}")
    if asked is not None:
        if asked.id not in agent.queues:
            raise _unknown(f"{agent.name} does not work for {asked.name}")
        return _route(snapshot, asked, agent, f"{agent.name} in {asked.name} was asked for")
    served = [queue for queue in _ordered(snapshot) if queue.id in agent.queues]
    by_topic = _named_by(topic, served)
    if by_topic is not None and by_topic[0].id != agent.home_queue:
        return _route(snapshot, by_topic[0], agent, f"{agent.name} was asked for, and the topic says “{by_topic[1]}”")
    home = snapshot.queues.get(agent.home_queue) or (served[0] if served else None)
    if home is None:
        raise _unknown(f"{agent.name} works for no department that is open to callbacks")
    return _route(snapshot, home, agent, f"{agent.name} was asked for, and {home.name} is where they work")


def _route(snapshot: Snapshot, queue: Queue, agent: Agent | None, why: str) -> Route:
    resolved = Provider(business=snapshot.business, queue=queue.slug, agent=agent.slug if agent else None)
    return Route(queue=queue, agent=agent, why=why, provider=str(resolved))
