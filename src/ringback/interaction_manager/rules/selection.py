"""Which agent calls: who qualifies, whom the customer asked for, who knows them, who is best, who has been idle longest; and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ringback.domain.ids import AgentId
from ringback.domain.offers import Reason
from ringback.domain.status import AgentState, Outcome
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.agent_states import FREE
from ringback.interaction_manager.rules.policy import NamedAgentThen, Policy, SkillStep

LANGUAGE = "lang:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agent who serves the queue, as they are now. `skills`: name → level 1 to 5."""

    agent: AgentId
    name: str
    state: AgentState
    present: bool  # a page of theirs was heard of within the policy's time-out
    skills: Mapping[str, int]
    idle_since: datetime | None = None
    chats: int = 0  # live ones
    chat_capacity: int = 3  # live chats that fill an agent: one call takes the room of all

    @property
    def load(self) -> float:
        """Which part of them live chats take: 0 to 1. One whose chats are not counted is taken to have one."""
        counted = max(self.chats, int(self.state is AgentState.IN_CHATS))
        return min(1.0, counted / max(1, self.chat_capacity))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one callback needs of an agent. `refused`: who was offered it and did not take it, and when that was last."""

    skills: tuple[str, ...]
    language: str
    ready_at: datetime
    window: TimeWindow
    named: AgentId | None = None
    last_spoke_with: AgentId | None = None
    repeats: bool = False  # the same person was called about this queue within the week
    refused: Mapping[AgentId, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The agent who calls, and why."""

    agent: AgentId
    name: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """Nobody can call now, and why; `look_again_at` when waiting alone would change that."""

    reason: Reason
    look_again_at: datetime | None = None


def primary_language(tag: str) -> str:
    """Return the language of a tag: `en` for `en-GB`."""
    return tag.split("-", 1)[0].lower()


def speaks(skills: Mapping[str, int], language: str) -> bool:
    """Tell whether an agent speaks the language; one without any language among their skills speaks their business's, taken to be this one."""
    spoken = {primary_language(name.removeprefix(LANGUAGE)) for name in skills if name.startswith(LANGUAGE)}
    return not spoken or primary_language(language) in spoken


def ladder_step(wanted: Wanted, policy: Policy, now: datetime) -> SkillStep:
    """Return how wide skills are taken by now: the last step whose share of the window is used up."""
    length = (wanted.window.end - wanted.ready_at).total_seconds()
    used = 1.0 if length <= 0 else max(0.0, (now - wanted.ready_at).total_seconds() / length)
    reached = [step for step in policy.skill_ladder if step.used <= used]
    return reached[-1] if reached else policy.skill_ladder[0]


def _next_step_at(wanted: Wanted, policy: Policy, now: datetime) -> datetime | None:
    length = wanted.window.end - wanted.ready_at
    steps = (wanted.ready_at + length * step.used for step in policy.skill_ladder)
    return min((at for at in steps if at > now), default=None)


def qualifies(candidate: Candidate, wanted: Wanted, step: SkillStep) -> bool:
    """Tell whether the agent has the skills, as wide as they are taken now. Whom the customer named needs none."""
    if candidate.agent == wanted.named:
        return True
    if step.language and not speaks(candidate.skills, wanted.language):
        return False
    return all(candidate.skills.get(skill, 0) >= step.level for skill in wanted.skills)


def named_only_until(wanted: Wanted, policy: Policy) -> datetime | None:
    """Return until when only the named agent will do; None when nobody is named or they did not take it."""
    if wanted.named is None or wanted.named in wanted.refused:
        return None
    if policy.named_agent_then is NamedAgentThen.ASK:
        # The customer is asked (a notice in the chat) rather than handed to somebody else; past the window, anyone.
        return wanted.window.end
    return wanted.ready_at + timedelta(seconds=policy.named_agent_wait)


def last_agent_until(wanted: Wanted, policy: Policy) -> datetime | None:
    """Return until when only the agent of the last talk will do, for one who calls again within the week; None where it does not matter who."""
    if not wanted.repeats or wanted.named is not None or wanted.last_spoke_with in (None, *wanted.refused):
        return None
    # No longer than a quarter of the window: the promise goes first.
    wait = min(timedelta(seconds=policy.last_agent_wait), (wanted.window.end - wanted.ready_at) / 4)
    return wanted.ready_at + wait


def _level(candidate: Candidate, wanted: Wanted) -> int:
    language = max(
        (
            level
            for name, level in candidate.skills.items()
            if name.startswith(LANGUAGE)
            and primary_language(name.removeprefix(LANGUAGE)) == primary_language(wanted.language)
        ),
        default=0,
    )
    return sum(candidate.skills.get(skill, 0) for skill in wanted.skills) + language


def choose(wanted: Wanted, candidates: Iterable[Candidate], policy: Policy, now: datetime) -> Chosen | Nobody:
    """Pick the agent, or say why there is nobody."""
    everyone = list(candidates)
    step = ladder_step(wanted, policy, now)
    qualified = [each for each in everyone if qualifies(each, wanted, step)]
    signed_in = [each for each in qualified if each.present and each.state is not AgentState.OFFLINE]
    fresh = [each for each in signed_in if each.agent not in wanted.refused]
    named_until = named_only_until(wanted, policy)
    look_again = [_next_step_at(wanted, policy, now)]
    if named_until is not None and now < named_until:
        fresh = [each for each in fresh if each.agent == wanted.named]
        look_again.append(named_until)
    last_until = last_agent_until(wanted, policy)
    if last_until is not None and now < last_until and any(each.agent == wanted.last_spoke_with for each in fresh):
        fresh = [each for each in fresh if each.agent == wanted.last_spoke_with]
        look_again.append(last_until)
    pool = [each for each in fresh if each.state in FREE and each.load < 1]
    again_at: datetime | None = None
    if not fresh and (named_until is None or now >= named_until):
        # Nobody else is there at all: rather ring one a second time, after a pause, than let the promise die.
        pause = timedelta(seconds=policy.retry_delay(Outcome.AGENT_UNAVAILABLE, 1) or 0.0)
        back = [
            (wanted.refused[each.agent] + pause, each)
            for each in signed_in
            if each.state in FREE and each.agent in wanted.refused
        ]
        pool = [each for at, each in back if at <= now]
        again_at = min((at for at, _ in back if at > now), default=None)
        look_again.append(again_at)
    if pool:
        return _best(pool, wanted)
    return Nobody(
        reason=_why_nobody(wanted, everyone, qualified, signed_in, fresh),
        look_again_at=min((at for at in look_again if at is not None), default=None),
    )


def _best(pool: Sequence[Candidate], wanted: Wanted) -> Chosen:
    def key(each: Candidate) -> tuple[bool, bool, int, float, bool, float, int]:
        return (
            each.agent != wanted.named,
            each.agent != wanted.last_spoke_with,
            -_level(each, wanted),
            each.load,
            each.idle_since is None,
            each.idle_since.timestamp() if each.idle_since else 0.0,
            each.agent.int,
        )

    best = min(pool, key=key)
    others = [each for each in pool if each is not best]
    skills = ", ".join(f"{skill} {best.skills.get(skill, 0)}" for skill in wanted.skills)
    if best.agent == wanted.named:
        verdict = "The customer asked for them"
    elif best.agent == wanted.last_spoke_with:
        verdict = "They talked with this customer last"
    elif not others:
        verdict = "The only one free who can take it"
    elif _level(best, wanted) > max(_level(each, wanted) for each in others):
        verdict = f"Best at {skills}" if skills else "Best at the customer's language"
    elif best.load < min(each.load for each in others):
        verdict = "Fewest chats of those who can take it"
    else:
        verdict = f"Idle longest of {len(pool)} who can take it"
    return Chosen(
        agent=best.agent,
        name=best.name,
        reason=Reason(
            verdict=verdict,
            detail={
                "skills": skills or None,
                "language": wanted.language,
                "level": _level(best, wanted),
                "chats": best.chats or None,
                "called_again_within_the_week": wanted.repeats or None,
                "idle_since": best.idle_since.isoformat() if best.idle_since else None,
                "could_take_it": len(pool),
                "others": ", ".join(each.name for each in others) or None,
            },
        ),
    )


def _why_nobody(
    wanted: Wanted,
    everyone: Sequence[Candidate],
    qualified: Sequence[Candidate],
    signed_in: Sequence[Candidate],
    fresh: Sequence[Candidate],
) -> Reason:
    if not qualified:
        verdict = "Nobody of the queue has the skills"
    elif not signed_in:
        verdict = "Nobody who has the skills is logged in"
    elif not fresh and wanted.named is not None and wanted.named not in wanted.refused:
        verdict = "Waits for the agent the customer asked for"
    elif not fresh:
        verdict = "Everybody who is there was asked and did not take it"
    elif wanted.repeats and all(each.agent == wanted.last_spoke_with for each in fresh):
        verdict = "Waits a little for the agent they talked with last"
    else:
        verdict = "Everybody who can take it is busy"
    return Reason(
        verdict=verdict,
        detail={
            "serve_the_queue": len(everyone),
            "have_the_skills": len(qualified),
            "logged_in": len(signed_in),
            "not_asked_yet": len(fresh),
            "free": sum(1 for each in fresh if each.state in FREE),
        },
    )
