"""The prompt that asks who should call: departments, agents, and who is free."""

from __future__ import annotations

from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.draft import Act, Meaning
from ringback.callback_application_server.rules.prompts import LIVES, Option, PromptContent, Setting, no_thanks
from ringback.callback_application_server.rules.wording import t
from ringback.domain.commands import Estimate
from ringback.domain.offers import AgentOffer, Offers
from ringback.domain.status import AgentState

BADGES = {
    AgentState.AVAILABLE: "available",
    AgentState.IN_CHATS: "in_chats",
    AgentState.HELD: "on_a_call",
    AgentState.RESERVED: "on_a_call",
    AgentState.ON_A_CALL: "on_a_call",
    AgentState.WRAP_UP: "wrap_up",
    AgentState.PAUSED: "away",
    AgentState.NOT_RESPONDING: "away",
    AgentState.OFFLINE: "away",
}


def provider_prompt(offers: Offers, setting: Setting, business: str) -> PromptContent:
    """Ask who should call: departments, and the agents of this one with what they are doing."""
    options = [
        Option(
            label=t("{queue} team", queue=queue.name),
            detail=_queue_line(queue.asap.estimate if queue.asap else None, queue.on_duty, setting),
            badge="free_now" if queue.free_now else None,
            meaning=Meaning(act=Act.TAKE_PROVIDER, provider=f"biz:{business}/q:{queue.slug}"),
        )
        for queue in offers.queues
    ]
    options += [
        Option(
            label=agent.name,
            detail=_agent_line(agent, setting),
            badge=BADGES[agent.state],
            meaning=Meaning(act=Act.TAKE_PROVIDER, provider=f"biz:{business}/q:{agent.queue}/a:{agent.slug}"),
        )
        for agent in offers.agents
    ]
    return PromptContent(
        kind="provider",
        title=t("Who should call you?"),
        text=t("Who should call you?") + " " + ", ".join(option.label for option in options) + ".",
        options=(*options[:12], no_thanks(t("No thanks"))),
        submit=t("Continue"),
        lives=LIVES.total_seconds(),
    )


def _queue_line(estimate: Estimate | None, on_duty: int, setting: Setting) -> str:
    if estimate is not None:
        return t("First person free, {wait}", wait=words.estimate_range(estimate, setting.now))
    return t("Nobody is on duty now") if not on_duty else t("By appointment")


def _agent_line(agent: AgentOffer, setting: Setting) -> str:
    if agent.state is AgentState.AVAILABLE:
        return t("Free now")
    if agent.free_at is not None:
        return t("Free about {moment}", moment=words.moment(agent.free_at, setting.zone, setting.now))
    if agent.back_at is not None:
        return t("Back {moment}", moment=words.moment(agent.back_at, setting.zone, setting.now))
    return t("Not on duty")
