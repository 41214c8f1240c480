"""Somebody with an open callback reaches us by another way: the callback waits, is withdrawn, or is asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from ringback.domain.ids import CallbackId, QueueId
from ringback.domain.outside import OutsideMedia
from ringback.interaction_manager.rules.getting_through import Consequence, Next, Open, Through, consequence, match
from ringback.interaction_manager.rules.outside import EndedWhy, Interaction

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BILLING, SUPPORT = QueueId(uuid4()), QueueId(uuid4())
WAITING = Interaction(ref="call-1", queue=BILLING, arrived_at=NOON - timedelta(minutes=5))


def talk(seconds: float, *, ended: bool = True, queue: QueueId = BILLING) -> Interaction:
    answered = replace(WAITING, queue=queue).answered(NOON - timedelta(seconds=seconds), None)
    return answered.ended(NOON, EndedWhy.TALKED) if ended else answered


def judged(*interactions: Interaction, silent: float = 1.0) -> Consequence:
    joined = [Through(interaction=each, heard_at=NOON - timedelta(seconds=silent)) for each in interactions]
    return consequence(joined, BILLING, NOON, enough=60)


def test_while_they_wait_or_talk_briefly_nothing_is_dialled():
    assert judged(WAITING).next is Next.HOLD_OFF
    talking = judged(talk(40, ended=False))
    assert talking.next is Next.HOLD_OFF and talking.again_at == NOON + timedelta(seconds=20)


def test_a_talk_of_a_minute_in_its_queue_withdraws_it_even_before_it_ends():
    assert judged(talk(60)).next is Next.WITHDRAW
    found = judged(talk(62, ended=False))
    assert found.next is Next.WITHDRAW and found.talked_from == NOON - timedelta(seconds=62)


def test_a_live_talk_lasts_no_longer_than_its_source_was_heard():
    assert judged(talk(70, ended=False), silent=20).next is Next.HOLD_OFF


def test_after_a_short_talk_or_one_about_something_else_the_chat_asks():
    assert judged(talk(59)).next is Next.ASK
    assert judged(talk(300, queue=SUPPORT)).next is Next.ASK
    lost = replace(talk(300, ended=False), queue=BILLING).ended(NOON, EndedWhy.LOST)
    assert judged(lost).next is Next.ASK  # nobody heard how long it lasted


def test_however_long_a_chat_was_its_writer_is_asked():
    chat = replace(talk(600, ended=False), media=OutsideMedia.CHAT)
    assert judged(chat).next is Next.HOLD_OFF
    after = judged(chat.ended(NOON, EndedWhy.TALKED))
    assert (after.next, after.wrote) == (Next.ASK, True)


def test_who_gave_up_waiting_is_called_as_promised():
    assert judged(WAITING.ended(NOON, EndedWhy.ABANDONED)).next is Next.RESUME
    assert judged(WAITING.ended(NOON, EndedWhy.LEFT)).next is Next.RESUME


def test_a_source_that_fell_silent_keeps_nobody_waiting_for_ever():
    assert judged(WAITING, silent=299).next is Next.HOLD_OFF
    assert judged(WAITING, silent=301).next is Next.RESUME


def test_the_callback_of_the_same_queue_is_meant_then_the_one_due_first():
    first = Open(callback=CallbackId(uuid4()), queue=SUPPORT, ready_at=NOON)
    later = Open(callback=CallbackId(uuid4()), queue=SUPPORT, ready_at=NOON + timedelta(hours=1))
    same = Open(callback=CallbackId(uuid4()), queue=BILLING, ready_at=NOON + timedelta(hours=2))
    assert match([later, first, same], BILLING) == same
    assert match([later, first], BILLING) == first
    assert match([], BILLING) is None
