"""Why something is refused, for customers who read another language than the one that the refusing server wrote its reason in.

In English the reason is said as it was written, with its times and names; in other languages by its id, without them, because only what is
in the catalogue can be translated. What the business itself wrote (an incident) is never changed.
"""

from __future__ import annotations

from ringback.callback_application_server.rules.wording import ENGLISH, mark, spoken, t

_BY_ID = {
    "offering-stopped": mark("{who} takes no new callbacks just now."),
    "dialling-stopped": mark("{who} cannot call just now."),
    "agent-away": mark("{who} is not here at that time."),
    "backlog-full": mark("Too many people are waiting for {who} just now."),
    "waitlist": mark("Others wait for room at {who} already."),
    "no-staff": mark("Nobody at {who} is on duty at that time."),
    "status-stale": mark("We cannot see how long the line of {who} is just now."),
    "wait-too-long": mark("The wait for {who} is too long just now."),
    "too-late-today": mark("{who} closes before we could call you."),
    "closed": mark("{who} is closed at that time."),
    "contact-stopped": mark("You asked us not to call you again."),
    "one-is-open": mark("You have a callback already."),
    "too-many-open": mark("You have as many callbacks as we can take."),
    "overlaps": mark("You have another callback at that time."),
    "promise-moved": mark("It got busier at {who} just now: we could not keep that time."),
    "past-time": mark("That time has passed."),
    "too-far-ahead": mark("We do not plan so far ahead."),
    "outside-calling-hours": mark("We do not call at that hour."),
    "too-close-to-closing": mark("That is too close to closing."),
    "slot-taken": mark("That time was just taken."),
    "number-too-short": mark("This number is too short."),
    "no-times": mark("{who} has no free time in the days to come."),
}

# What other parts of the program say to customers, each as it is written there.
ELSEWHERE = (
    mark("Move it or cancel it here."),
    mark("Move or cancel one of them."),
    mark("Move that one, or pick another time."),
    mark("Pick a later time."),
    mark("Pick a time between, or name one yourself."),
    mark("Pick a time on the next day."),
    mark("Pick a time, or anyone else."),
    mark("Pick a time."),
    mark("Pick an earlier day."),
    mark("Pick an earlier time."),
    mark("Pick another time, or anyone else."),
    mark("Pick another time."),
    mark("See what is possible now."),
    mark("Try again later."),
    mark("You can go on chatting here."),
    mark("Tick the box so that we may call you."),
    mark("Choose this browser or a phone."),
    mark("We cannot ring telephones here. Use this browser."),
    mark("Enter the number that we should call."),
    mark("This is not a telephone number."),
    mark("We cannot call this number. Use another one, or this browser."),
    mark("This number is too short."),
    mark("This number is too long."),
    mark("This number does not exist. Check the digits."),
    mark("Pick a time first."),
    mark("Something newer is below."),
    mark("There is no callback to cancel."),
    mark("There is no callback to move."),
    mark("This callback is over."),
    mark("This cannot be chosen."),
    mark("This was answered already."),
    mark("Write something first."),
    mark("You have a callback already. Move it or cancel it."),
    mark("this browser"),
)


def refusal_words(id: str, verdict: str, next: str | None, *, who: str) -> str:
    """Say why, and what else can be done. `who`: whom the customer asked for."""
    known = _BY_ID.get(id)
    if spoken() == ENGLISH or known is None:
        return t(verdict) + (f" {t(next)}" if next else "")
    said = t(verdict)
    if said == verdict:  # with a time or a name in it, which no catalogue has
        said = t(known, who=who)
    follows = t(next) if next else ""
    return f"{said} {follows}" if follows != (next or "") else said
