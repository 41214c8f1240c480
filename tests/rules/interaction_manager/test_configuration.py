"""The document of a business: everything wrong at once, and differences that are differences."""

import copy
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain.documents import Act
from ringback.interaction_manager.rules.configuration import difference, read_configuration, written_configuration

DOCUMENT: dict[str, Any] = {
    "business": {
        "slug": "acme",
        "name": "Acme Energy",
        "zone": "Europe/London",
        "policy": {"slot_length": 900},
        "holidays": {"country": "GB", "subdivision": "ENG"},
    },
    "queues": [
        {
            "slug": "billing",
            "name": "Billing",
            "default": True,
            "topics": ["invoice"],
            "hours": {"week": {"mon": ["8:00 - 18:00"]}, "closed_days": [{"day": date(2026, 12, 24), "name": "Eve"}]},
            "policy": {"retry": {"busy": 60}},
        },
        {"slug": "support", "name": "Support", "hours": {"zone": "Europe/Dublin", "week": {"tue": ["09:00-17:00"]}}},
    ],
    "agents": [
        {
            "slug": "kim",
            "name": "Kim",
            "queues": ["support", "billing"],
            "home": "billing",
            "skills": {"billing": 3, "lang:en": 5},
            "shifts": {"week": {"mon": ["08:00-16:00"]}, "breaks": ["12:00-12:30"], "absences": [{"first": "2026-12-28"}]},
        },
        {"slug": "lee", "name": "Lee", "queues": ["support"]},
    ],
    "users": [{"email": "kim@acme.example"}],
}  # fmt: skip


def read(document=DOCUMENT):
    found, problems = read_configuration(document)
    assert problems == () and found is not None, problems
    return found


def test_a_queue_takes_zone_and_holidays_from_its_business_unless_it_says_otherwise():
    billing, support = read().queues
    assert billing.hours["zone"] == "Europe/London" and billing.hours["holidays"]["subdivision"] == "ENG"
    assert support.hours["zone"] == "Europe/Dublin"
    assert billing.hours["week"] == {"mon": ["08:00-18:00"]} and billing.hours["closed_days"][0]["day"] == "2026-12-24"


def test_what_belongs_to_others_is_handed_through_untouched():
    assert read().users == DOCUMENT["users"] and read().channels is None


def test_what_is_written_says_the_same_as_what_was_read():
    first = read()
    again = read(written_configuration(first))
    assert difference(first, again) == () and written_configuration(again) == written_configuration(first)


def test_everything_that_is_wrong_is_said_at_once_with_its_path():
    document = copy.deepcopy(DOCUMENT)
    document["business"]["zone"] = "Mars"
    document["business"]["policy"]["agent_ring"] = "long"
    document["queues"][0]["hours"]["week"]["mon"] = ["18:00"]
    document["queues"][1]["slug"] = "billing"
    document["agents"][0]["skills"]["billing"] = 9
    document["agents"][1]["queues"] = ["sales"]
    document["agents"].append({"slug": "Kim!", "name": "", "queues": []})
    document["colour"] = "red"
    found, problems = read_configuration(document)
    assert found is None
    assert {each.path for each in problems} >= {
        "business.zone",
        "business.policy.agent_ring",
        "queues[0].hours.week.mon[0]",
        "queues[1].slug",
        "agents[0].skills.billing",
        "agents[1].queues[0]",
        "agents[2].slug",
        "agents[2].name",
        "agents[2].queues",
        "colour",
    }


def test_a_new_business_is_all_created_and_the_same_again_is_nothing():
    wanted = read()
    assert {change.act for change in difference(None, wanted)} == {Act.CREATED}
    assert difference(wanted, wanted) == ()


def test_a_difference_names_fields_with_before_and_after():
    document = copy.deepcopy(DOCUMENT)
    document["queues"][0]["hours"]["week"]["mon"] = ["08:00-17:00"]
    document["queues"][0]["policy"]["retry"]["busy"] = 90
    del document["agents"][1]
    document["queues"].append({"slug": "sales", "name": "Sales", "hours": {"week": {}}})
    changes = difference(read(), read(document))
    assert [(change.kind, change.slug, change.act) for change in changes] == [
        ("queue", "sales", Act.CREATED),
        ("queue", "billing", Act.CHANGED),
        ("agent", "lee", Act.RETIRED),
    ]
    fields = {change.path: (change.before, change.after) for change in changes[1].fields}
    assert fields == {"hours.week.mon": (["08:00-18:00"], ["08:00-17:00"]), "policy.retry.busy": (60, 90)}


def test_sections_left_out_are_left_alone():
    document = {"business": DOCUMENT["business"] | {"name": "Acme"}}
    changes = difference(read(), read(document))
    assert [(change.kind, change.act) for change in changes] == [("business", Act.CHANGED)]


WORDS = st.sampled_from(["mon", "week", "slug", "name", "zone", "hours", "policy", "retry", "shifts"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 90000) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | WORDS, inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None)
@given(st.data())
def test_no_document_breaks_the_reader(data):
    document = copy.deepcopy(DOCUMENT)
    place = data.draw(st.sampled_from(["business", "queues", "agents", "all"]))
    if place == "all":
        document = data.draw(JSON)
    elif place == "business":
        document["business"][data.draw(st.sampled_from(["slug", "zone", "policy", "holidays", "language"]))] = (
            data.draw(JSON)
        )
    else:
        keys = {
            "queues": ["hours", "policy", "skills", "topics", "default"],
            "agents": ["queues", "skills", "shifts", "home", "address", "carrier"],
        }[place]
        document[place][0][data.draw(st.sampled_from(keys))] = data.draw(JSON)
    found, problems = read_configuration(document)
    assert (found is None) == bool(problems)
