"""Whatever agents there are and whatever 64 callers ask for at once: nothing is overbooked, and nobody is refused while there is room."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.events import CallbackAccepted, CallbackRefused
from ringback.domain.ids import new_id
from tests.support.examples import Examples, bounded
from tests.workflows.interaction_manager.desk import ask_at_once, next_slot, request, slot_when
from tests.workflows.interaction_manager.floor import Floor

QUEUES = ("billing", "support", "sales")
SLOT = 1800
# Each booking takes its handling, half of both ringing times, and a quarter of the customer's for attempts that fail: 40 s beside it.
RINGING = {"agent_ring": 20, "customer_ring": 40}
BESIDE = 40
FAR = 48  # slots ahead: nobody who waits now is waiting then


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one caller asks for: a slot of a queue, of whoever is free or of one agent."""

    slot: int
    queue: str
    agent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Who works for which queues, how many calls each can do in a slot, and who asks for what."""

    serves: Sequence[frozenset[str]]
    each: int
    wishes: Sequence[Wish]

    def able(self, wish: Wish) -> frozenset[int]:
        """Return the agents who can take it."""
        if wish.agent is not None:
            return frozenset({wish.agent})
        return frozenset(number for number, queues in enumerate(self.serves) if wish.queue in queues)

    def fits(self, wishes: Sequence[Wish]) -> bool:
        """Tell whether agents can do all of these, which are in one slot: Hall's condition, over every set of agents."""
        wanted = Counter(self.able(each) for each in wishes)
        for chosen in range(1 << len(self.serves)):
            able = {number for number in range(len(self.serves)) if chosen >> number & 1}
            if sum(count for needed, count in wanted.items() if needed <= able) > self.each * len(able):
                return False
        return True


@st.composite
def days(draw: st.DrawFn) -> Day:
    """Up to five agents of one to three queues, and 64 callers who want one to four slots, some of them somebody by name."""
    serves = draw(st.lists(st.frozensets(st.sampled_from(QUEUES), min_size=1), min_size=1, max_size=5))
    slots = draw(st.integers(1, 4))
    staffed = sorted(frozenset().union(*serves))

    def wish(slot: int, queue: str, named: int | None) -> Wish:
        able = [number for number, queues in enumerate(serves) if queue in queues]
        return Wish(slot=slot, queue=queue, agent=None if named is None else able[named % len(able)])

    one = st.builds(
        wish,
        st.integers(0, slots - 1),
        st.sampled_from(staffed),
        st.one_of(st.none(), st.none(), st.integers(0, 4)),
    )
    wishes = draw(st.lists(one, min_size=64, max_size=64))
    return Day(serves=serves, each=draw(st.integers(1, 4)), wishes=wishes)


@bounded(5)
@given(day=days())
def test_sixty_four_callers_overbook_nothing_and_none_is_refused_while_there_is_room(examples: Examples, day: Day):
    async def ask() -> None:
        slug = f"b{new_id().hex[-12:]}"
        business = await examples.databases.make_business(slug)
        floor = Floor(examples.databases, business)
        policy = {
            "slot_length": SLOT, "callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0,
            "prior_handling": SLOT / day.each - BESIDE, **RINGING,
        }  # fmt: skip
        queues = {slug: await floor.queue(slug, policy=policy) for slug in QUEUES}
        for number, slugs in enumerate(day.serves):
            await floor.agent(f"agent-{number}", *(queues[slug] for slug in sorted(slugs)))
        now = await floor.now()
        asked = {}
        for wish in day.wishes:
            whom = f"biz:{slug}/q:{wish.queue}" + ("" if wish.agent is None else f"/a:agent-{wish.agent}")
            made = request(whom, when=slot_when(next_slot(now, ahead=FAR + wish.slot, seconds=SLOT), SLOT))
            asked[made.callback] = (made, wish)
        await ask_at_once(examples.databases, business, [made for made, _ in asked.values()])
        await floor._application.drain()
        answers = {each.callback: each for each in floor.told if isinstance(each, CallbackAccepted | CallbackRefused)}
        assert answers.keys() == asked.keys(), "everybody is answered"
        booked: dict[int, list[Wish]] = defaultdict(list)
        for callback, (_, wish) in asked.items():
            if isinstance(answers[callback], CallbackAccepted):
                booked[wish.slot].append(wish)
        for callback, (_, wish) in asked.items():
            answer = answers[callback]
            if isinstance(answer, CallbackRefused):
                assert answer.id == "slot-taken"
                assert not day.fits([*booked[wish.slot], wish]), f"{wish} was refused, and there is room"
        for wishes in booked.values():
            assert day.fits(wishes), f"more than agents can do: {wishes}"
        rows = await floor.sql(
            "SELECT queue, starts_at, booked, capacity FROM slot WHERE business = $1 AND booked > 0", business
        )
        assert all(row["booked"] <= row["capacity"] for row in rows)
        held = Counter((queues[wish.queue], wish.slot) for wishes in booked.values() for wish in wishes)
        first = next_slot(now, ahead=FAR, seconds=SLOT)
        counted = {
            (row["queue"], round((row["starts_at"] - first).total_seconds() / SLOT)): row["booked"] for row in rows
        }
        assert counted == held, "the counters of slots say what is booked"

    examples.run(ask())
