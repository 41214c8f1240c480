"""How the telephones of a callback are treated: what is said to whom, which keys count, what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class AgentHears(StrEnum):
    """What the agent hears while the customer's telephone rings."""

    RINGING = "ringing"
    MUSIC = "music"
    NOTHING = "nothing"


PROMPT = "prompt:"  # a text that begins so names a sound that was recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHandling:
    """The `telephony` settings of a queue; times are seconds. Texts are spoken, or name a recorded sound (`prompt:NAME`).

    Carriers that cannot play sounds or hear keys (pages) leave out what they cannot do.
    """

    whisper: str | None = (
        None  # to the agent, before the customer is dialled; {customer}, {topic}, {queue}, {key} are filled in
    )
    accept_key: str | None = None  # the agent presses it to take the call; None: picking up is enough
    accept_within: float = 12.0  # of picking up
    agent_hears: AgentHears = AgentHears.NOTHING
    customer_menu: str | None = (
        None  # to the customer on picking up: 1 now, 2 later, 9 never again; None: joined at once
    )
    customer_menu_within: float = 15.0
    later_after: float = 3600.0  # of pressing 2
    machine_detection: bool = False
    machine_message: str | None = None  # left on an answering machine
    recording: bool = False
    recording_notice: str | None = None  # to both, when the recording begins
    recording_days: int = 90  # kept
    caller_id: str | None = field(default=None, repr=False)  # E.164, shown to the customer
    longest_call: float = 14400.0

    @property
    def asks_agent(self) -> bool:
        """An agent who picks up has yet to hear what it is about, or to say yes."""
        return self.accept_key is not None or self.whisper is not None

    @property
    def asks_customer(self) -> bool:
        """A customer's telephone that is picked up is not at once a customer to talk to."""
        return self.machine_detection or self.customer_menu is not None
