"""What the chat's workflows need beside a transaction: where to read offers, keys for tokens, and what can be rung."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from ringback.callback_application_server.bots.roster import Rosters
from ringback.callback_application_server.queries import ChatRow
from ringback.callback_application_server.rules.prompts import Setting
from ringback.callback_application_server.rules.tokens import SigningKeys
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.domain.errors import RingbackError
from ringback.domain.offers import Held, HoldQuery, Offers, OffersClient, OffersQuery
from ringback.domain.times import When, WhenKind
from ringback.postgres.database import Database
from ringback.postgres.hints import Hints


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatContext:
    """Passed to every workflow of a chat."""

    database: Database
    hints: Hints
    offers: OffersClient
    keys: SigningKeys = field(repr=False)
    poster: WebhookPoster = field(repr=False)  # asks the business's own programs
    rosters: Rosters = field(default_factory=Rosters, repr=False)
    phones: bool = False  # a carrier that rings telephones is configured


def setting_of(context: ChatContext, chat: ChatRow, now: datetime) -> Setting:
    """Return where and when this chat's prompts are shown."""
    return Setting(
        now=now,
        zone=chat.zone,
        business_name=chat.business_name,
        business_zone=chat.business_zone,
        phones=context.phones,
        region=chat.settings.get("region"),
        number=chat.number,
        messages=chat.messages,
    )


async def look_up_offers(
    context: ChatContext, chat: ChatRow, *, provider: str | None = None, when: When | None = None
) -> Offers:
    """Read what can be offered in this chat now; never inside a transaction. After an emergency that is a call at once, or nothing."""
    found = await context.offers.offers(
        OffersQuery(
            business=chat.business,
            provider=provider or chat.draft.provider or chat.default_provider,
            zone=chat.zone.key,
            person=chat.person,
            when=when,
            topic=chat.topic,
            language=chat.language,
            chat=chat.id,
        )
    )
    return without_times(found) if chat.emergency else found


def without_times(offers: Offers) -> Offers:
    """Leave only the call at once."""
    return replace(offers, days=(), requested=None, nearest=(), waitlist=False)


async def keep_place(context: ChatContext, chat: ChatRow, when: When | None) -> Held | None:
    """Have the time that was picked kept for this chat, and no other; None when none is: then whoever books first has it."""
    timed = when is not None and when.kind is not WhenKind.ASAP
    if not timed and (chat.draft.when is None or chat.draft.when.kind is WhenKind.ASAP):
        return None  # nothing was kept, and nothing is to be
    try:
        return await context.offers.hold(
            HoldQuery(
                business=chat.business,
                chat=chat.id,
                provider=chat.draft.provider or chat.default_provider,
                when=when if timed else None,
                topic=chat.topic,
                language=chat.language,
            )
        )
    except RingbackError:
        return None  # the booking itself is judged without it
