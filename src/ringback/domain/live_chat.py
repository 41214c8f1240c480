"""Live chat between the servers: a chat that waits for a person is an interaction of the queue, and an agent takes it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ringback.domain.ids import AgentId, ChatId, CommandId, PersonId, QueueId


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """The customer wants to write with a person. To the interaction manager; aggregate: the chat. `seq`: the message that asked."""

    chat: ChatId
    queue: str
    seq: int
    person: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeChat:
    """An agent takes a chat that waits. To the interaction manager; aggregate: the chat."""

    command: CommandId
    chat: ChatId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndChat:
    """The agent of a live chat ends it. To the interaction manager; aggregate: the chat."""

    command: CommandId
    chat: ChatId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveChat:
    """The customer of a live chat is gone from it: they said goodbye, or wait no longer. To the interaction manager; aggregate: the chat."""

    chat: ChatId


@dataclass(frozen=True, slots=True, kw_only=True)
class PassChat:
    """The agent of a live chat hands it to another agent, or to a queue. To the interaction manager; aggregate: the chat."""

    command: CommandId
    chat: ChatId
    agent: AgentId
    to_agent: AgentId | None = None
    to_queue: QueueId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteAsAgent:
    """What the agent of a live chat writes. To the application server; aggregate: the chat."""

    command: CommandId
    chat: ChatId
    agent: AgentId
    agent_name: str
    text: str
    key: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTaken:
    """An agent is in the chat. To the application server; aggregate: the chat. `provider`: how a call from them is asked for."""

    chat: ChatId
    agent_name: str
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLeft:
    """The agent is not in the chat any more. To the application server; aggregate: the chat. `waits`: another one is looked for.

    `to`: the name of the agent or the queue it was handed to. `provider`: of that queue, from which a call is asked from now on.
    """

    chat: ChatId
    agent_name: str
    waits: bool
    to: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyCame:
    """Nobody took the chat in time: offer a call. To the application server; aggregate: the chat. `seq`: the message that asked."""

    chat: ChatId
    seq: int
