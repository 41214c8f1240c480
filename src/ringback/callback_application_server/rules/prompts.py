"""The prompts: one model for every channel. Each option has a label that fits 20 characters where it can, and a meaning that stays here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.draft import Act, Draft, Meaning, slot_when
from ringback.callback_application_server.rules.refusal_words import refusal_words
from ringback.callback_application_server.rules.wording import mark, t, tn
from ringback.domain.offers import DayOffer, Offers, SlotOffer
from ringback.domain.times import TimeWindow, When, WhenKind

LIVES = timedelta(minutes=30)  # prompts that book nothing
TIMES_LIVE = timedelta(minutes=10)  # times go stale sooner
ON_NUMBER = mark("{business} may call me on this number about this. If the call is recorded, I hear that first.")
IN_BROWSER = mark("{business} may call me in this browser about this. If the call is recorded, I hear that first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing to choose."""

    label: str
    meaning: Meaning
    detail: str | None = None
    badge: str | None = None
    style: str = "option"
    disabled: str | None = None
    short: str | None = None  # where the label is longer than 20 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day to choose."""

    label: str
    detail: str
    meaning: Meaning
    selected: bool
    full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContent:
    """A prompt as it is stored. `text` is what a channel without cards shows."""

    kind: str
    title: str
    text: str
    options: tuple[Option, ...]
    lives: float  # seconds
    context: str | None = None
    context_change: Meaning | None = None
    note: str | None = None
    days: tuple[Day, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    destinations: tuple[str, ...] = ()
    consent: str | None = None
    submit: str | None = None

    def option(self, number: int) -> Meaning | None:
        """Return what an option's number means: options from 0, days from 1000, `Change` is 2000."""
        if number == 2000:
            return self.context_change
        found: Option | Day | None = None
        if 1000 <= number < 1000 + len(self.days):
            found = self.days[number - 1000]
        elif 0 <= number < len(self.options) and self.options[number].disabled is None:
            found = self.options[number]
        return found.meaning if found else None

    def label(self, number: int) -> str:
        """Return what the customer is seen to have said by choosing this."""
        if number >= 1000:
            return self.days[number - 1000].label if number < 1000 + len(self.days) else t("Change")
        return self.options[number].label


def dump_prompt(content: PromptContent) -> dict[str, Any]:
    """Turn into plain JSON."""
    plain: dict[str, Any] = msgspec.to_builtins(content)
    return plain


def load_prompt(plain: object) -> PromptContent:
    """Read a stored prompt."""
    return msgspec.convert(plain, PromptContent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and when a prompt is shown."""

    now: datetime
    zone: ZoneInfo
    business_name: str
    business_zone: ZoneInfo | None = None
    phones: bool = False  # a carrier that rings telephones is there
    region: str | None = None
    number: str | None = field(default=None, repr=False)  # known already
    messages: bool = False  # on a channel of messages: there are no forms


def when_prompt(offers: Offers, setting: Setting) -> PromptContent:
    """Ask when: as soon as possible with estimate and promise, or a time; who can be changed."""
    options = []
    if offers.asap is not None:
        asap = offers.asap
        promise = words.deadline(asap.promise.end, setting.zone, setting.now)
        options.append(
            Option(
                label=t("As soon as possible"),
                detail=f"{_capital(words.estimate_range(asap.estimate, setting.now))} · {t('{promise} at the latest', promise=promise)}",
                meaning=Meaning(act=Act.TAKE_WHEN, when=When(kind=WhenKind.ASAP, zone=setting.zone.key)),
            )
        )
    first = first_slot(offers)
    if first is not None:
        options.append(
            Option(
                label=t("Pick a time"),
                detail=t("First free: {moment}", moment=_first_free(first, setting)),
                meaning=Meaning(act=Act.PICK_TIME),
            )
        )
    if offers.waitlist:
        options.append(
            Option(
                label=t("Tell me when there is room"),
                short=t("Wait for room"),
                detail=t("We write here, and keep the place a while"),
                meaning=Meaning(act=Act.WAIT),
            )
        )
    reason = refusal_line(offers, setting)
    text = reason if offers.asap is None and reason else t("Shall someone from {who} call you?", who=who(offers))
    if not options:
        return PromptContent(
            kind="choice",
            title=t("{who} cannot call just now", who=who(offers)),
            text=text if reason else t("{who} has no free time that we can promise.", who=who(offers)),
            options=(_change_who(), no_thanks(t("No thanks"))),
            lives=LIVES.total_seconds(),
        )
    return PromptContent(
        kind="when",
        title=t("When should we call?"),
        text=text,
        context=_context(offers),
        context_change=Meaning(act=Act.PICK_PROVIDER),
        note=None if offers.asap is not None else reason,
        options=(*options, no_thanks(t("No thanks, keep chatting"), short=t("No thanks"))),
        submit=t("Continue"),
        lives=TIMES_LIVE.total_seconds(),
    )


def day_prompt(offers: Offers, setting: Setting, day: str | None = None) -> PromptContent:
    """Ask for a time: day first, then at most eight."""
    today = setting.now.astimezone(setting.zone).date()
    usable = [each for each in offers.days if each.slots]
    chosen = next((each for each in offers.days if day and each.day.isoformat() == day), None) or (
        usable[0] if usable else None
    )
    if chosen is None:
        return when_prompt(offers, setting)
    shown = [each for each in offers.days if not each.closed or each is chosen][:5]
    if chosen not in shown:
        shown = [*shown[:4], chosen]
    days = tuple(
        Day(
            label=t("Today") if each.day == today else words.weekday(each.day),
            detail=words.day_and_month(each.day),
            meaning=Meaning(act=Act.SHOW_DAY, day=each.day.isoformat()),
            selected=each is chosen,
            full=not each.slots,
        )
        for each in shown
    )
    times = tuple(_slot_option(slot, setting) for slot in chosen.slots[:8])
    name = _capital(words.day_name(chosen.day, today))
    return PromptContent(
        kind="day",
        title=t("Pick a day"),
        text=f"{name}: " + (", ".join(option.label for option in times) or t("no times.")),
        context=_context(offers),
        context_change=Meaning(act=Act.PICK_PROVIDER),
        note=_day_note(chosen, setting),
        days=days,
        options=(*times, Option(label=t("Back"), style="quiet", meaning=Meaning(act=Act.OFFER))),
        submit=t("Continue with"),
        lives=TIMES_LIVE.total_seconds(),
    )


def confirm_prompt(
    offers: Offers, draft: Draft, window: TimeWindow, setting: Setting, *, kept_until: datetime | None = None
) -> PromptContent:
    """Ask for number, consent and yes in one step. `kept_until`: how long the time is kept for this chat."""
    assert draft.when is not None, "a time was chosen"
    asap = draft.when.kind is WhenKind.ASAP
    when = t("as soon as possible") if asap else words.window(window, setting.zone, setting.now)
    at = words.deadline(window.end, setting.zone, setting.now) if asap else _at(window, setting)
    submit = t("Call me {when}", when=at)
    if draft.moving:
        return PromptContent(
            kind="readback",
            title=t("Move your callback?"),
            text=t("Move your callback to {when}?", when=when),
            summary=((t("Who"), who(offers)), (t("When"), _capital(when))),
            options=(
                Option(
                    label=t("Yes, {when}", when=_at(window, setting)) if not asap else t("Yes, move it"),
                    style="primary",
                    meaning=Meaning(act=Act.CONFIRM),
                    short=t("Yes, move it"),
                ),
                Option(label=t("Keep it as it is"), style="quiet", meaning=Meaning(act=Act.KEEP)),
            ),
            lives=TIMES_LIVE.total_seconds(),
        )
    name = setting.business_name
    return PromptContent(
        kind="confirm",
        title=t("Where should we call?") if setting.phones else t("We call you here, in this browser"),
        text=t("{who}, {when}. Answer yes to be called.", who=who(offers), when=when),
        context=f"{who(offers)} · {when}",
        context_change=Meaning(act=Act.OFFER),
        note=_kept(kept_until, setting) + t("You can move or cancel it at any time."),
        options=(
            Option(
                label=submit,
                style="primary",
                meaning=Meaning(act=Act.CONFIRM, told_by=window.end if asap else None),
            ),
        ),
        summary=((t("Who"), who(offers)), (t("When"), _capital(when)))
        + (((t("About"), draft.topic),) if draft.topic else ()),
        destinations=("browser", "phone") if setting.phones else ("browser",),
        consent=t(ON_NUMBER, business=name) if setting.phones else t(IN_BROWSER, business=name),
        submit=submit,
        lives=TIMES_LIVE.total_seconds(),
    )


def _kept(until: datetime | None, setting: Setting) -> str:
    if until is None:
        return ""
    return t("We keep this time for you until {clock}.", clock=words.clock(until, setting.zone)) + " "


def readback_prompt(offers: Offers, draft: Draft, slot: SlotOffer, setting: Setting) -> PromptContent:
    """Read back what was understood from typed words, with times beside it."""
    lines = [(t("Who"), who(offers)), (t("When"), _capital(words.window(slot.window, setting.zone, setting.now)))]
    if draft.topic:
        lines.append((t("About"), draft.topic))
    return PromptContent(
        kind="readback",
        title=t("Did I get this right?"),
        text=t(
            "{who}, {when}: is that right?", who=who(offers), when=words.window(slot.window, setting.zone, setting.now)
        ),
        summary=tuple(lines),
        options=(
            Option(label=t("Yes, continue"), style="primary", meaning=Meaning(act=Act.TAKE_WHEN, when=draft.when)),
            Option(label=t("Change something"), style="quiet", meaning=Meaning(act=Act.PICK_TIME)),
        ),
        lives=TIMES_LIVE.total_seconds(),
    )


def nearest_prompt(offers: Offers, reason: str, setting: Setting) -> PromptContent:
    """Say why a time is not possible, and offer those around it."""
    slots = list(offers.nearest) or [slot for day in offers.days for slot in day.slots]
    times = tuple(_slot_option(slot, setting, with_day=True) for slot in slots[:4])
    asap = when_prompt(offers, setting).options[:1] if offers.asap is not None else ()
    if not times and not asap:
        return when_prompt(offers, setting)
    return PromptContent(
        kind="choice",
        title=t("Would one of these do?"),
        text=reason,
        context=_context(offers),
        context_change=Meaning(act=Act.PICK_PROVIDER),
        options=(
            *times,
            *asap,
            Option(label=t("Another time…"), style="quiet", meaning=Meaning(act=Act.PICK_TIME)),
            no_thanks(t("No thanks")),
        ),
        submit=t("Continue"),
        lives=TIMES_LIVE.total_seconds(),
    )


def question(
    kind: str, title: str, text: str, options: Iterable[tuple[str, Act, str]], *, lives: timedelta = LIVES
) -> PromptContent:
    """Ask with a few plain buttons: late, missed, not known, cancel."""
    return PromptContent(
        kind=kind,
        title=title,
        text=text,
        options=tuple(Option(label=label, style=style, meaning=Meaning(act=act)) for label, act, style in options),
        lives=lives.total_seconds(),
    )


def who(offers: Offers) -> str:
    """Return `Kim · Billing`, or `Billing`."""
    return f"{offers.agent_name} · {offers.queue_name}" if offers.agent_name else offers.queue_name


def first_slot(offers: Offers) -> SlotOffer | None:
    """Return the first time that can be picked."""
    return next((slot for day in offers.days for slot in day.slots), None)


def refusal_line(offers: Offers, setting: Setting) -> str | None:
    """Say in one line why it cannot be now."""
    opening = offers.opening
    if not opening.open_now:
        if opening.next_opening is None:
            return t("{queue} is closed.", queue=offers.queue_name)
        opens = words.moment(opening.next_opening, setting.zone, setting.now)
        return t("{queue} is closed until {moment}.", queue=offers.queue_name, moment=opens)
    if offers.refusals:
        first = offers.refusals[0]
        return refusal_words(first.id, first.reason.verdict, first.next, who=who(offers))
    return None


def _context(offers: Offers) -> str:
    if offers.agent_name:
        return who(offers)
    people = next((queue.on_duty for queue in offers.queues if queue.slug == offers.queue_slug), 0)
    team = t("{queue} team", queue=offers.queue_name)
    return f"{team} · {tn('{count} person', '{count} people', people)}" if people else team


def _slot_option(slot: SlotOffer, setting: Setting, *, with_day: bool = False) -> Option:
    meaning = Meaning(act=Act.TAKE_WHEN, when=slot_when(slot.window.start, slot.window.end, setting.zone.key))
    label = words.moment(slot.window.start, setting.zone, setting.now) if with_day else _start(slot.window, setting)
    return Option(label=label, detail=words.window(slot.window, setting.zone, setting.now), meaning=meaning)


def _day_note(day: DayOffer, setting: Setting) -> str:
    """Say how exact the times are, and whose they are when the customer's clock shows another hour than the business's."""
    if not day.slots:
        return t("No times on {day}.", day=words.weekday_in_full(day.day))
    first = day.slots[0].window
    note = t("We call within {length} of the time you pick.", length=words.duration(first.length.total_seconds()))
    zones = words.zone_note(setting.zone, setting.business_zone, setting.business_name, first.start)
    return f"{note} {zones}" if zones else note


def _start(window: TimeWindow, setting: Setting) -> str:
    """Return the start to the minute, or to the second where slots are shorter than that."""
    if window.length < timedelta(minutes=1):
        return f"{window.start.astimezone(setting.zone):%H:%M:%S}"
    return words.clock(window.start, setting.zone)


def _at(window: TimeWindow, setting: Setting) -> str:
    today = setting.now.astimezone(setting.zone).date()
    day = words.day_name(window.start.astimezone(setting.zone).date(), today)
    return t("{day} at {clock}", day=day, clock=_start(window, setting))


def _first_free(slot: SlotOffer, setting: Setting) -> str:
    today = setting.now.astimezone(setting.zone).date()
    return f"{words.day_name(slot.window.start.astimezone(setting.zone).date(), today)} {_start(slot.window, setting)}"


def _change_who() -> Option:
    return Option(label=t("Somebody else"), style="option", meaning=Meaning(act=Act.PICK_PROVIDER))


def no_thanks(label: str, *, short: str | None = None) -> Option:
    """Return the option that declines."""
    return Option(label=label, style="quiet", meaning=Meaning(act=Act.NO), short=short)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
