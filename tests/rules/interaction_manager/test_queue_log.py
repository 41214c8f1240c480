"""Reading Asterisk's queue_log: all its events, old and new forms, and everything that is wrong with real files."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.interaction_manager.rules.estimates.floor import Kind
from ringback.interaction_manager.rules.queue_log import read_queue_log

CALL = "1700000000.1|support"
WHOLE = [
    "1700000000|NONE|NONE|NONE|QUEUESTART|",
    "1700000001|MANAGER|support|PJSIP/kim|ADDMEMBER|",
    "1700000010.123456|1700000000.1|support|NONE|ENTERQUEUE||+491701234567|1",
    "1700000012|1700000000.1|support|PJSIP/kim|RINGNOANSWER|5000",
    "1700000020|1700000000.1|support|PJSIP/kim|CONNECT|10|1700000000.2|3",
    "1700000080|1700000000.1|support|PJSIP/kim|COMPLETECALLER|10|60|1",
]


def kinds(*lines):
    return [each.event.kind for each in read_queue_log(lines).events]


def test_a_whole_call_is_read_with_or_without_a_fraction():
    log = read_queue_log(WHOLE)
    assert [each.event.kind for each in log.events] == [
        Kind.RESTARTED, Kind.ON_DUTY, Kind.JOINED, Kind.RANG, Kind.TAKEN, Kind.ENDED,
    ]  # fmt: skip
    assert log.events[2].event.at == 1700000010.123456
    assert dict(log.queues) == {"support": 5} and not log.bad and not log.remarks


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("COMPLETEAGENT|10|60|1", Kind.ENDED),
        ("BLINDTRANSFER|200|default|10|60|1", Kind.ENDED),
        ("ATTENDEDTRANSFER|BRIDGE|x|10|60|1", Kind.ENDED),
        ("TRANSFER|200|default|10|60|1", Kind.ENDED),
        ("CONNECT|10", Kind.TAKEN),
        ("REMOVEMEMBER|", Kind.OFF_DUTY),
        ("PAUSE|lunch", Kind.PAUSED),
        ("UNPAUSE|", Kind.RESUMED),
    ],
)
def test_what_an_agent_does(event, kind):
    assert kinds(f"1700000000|{CALL}|PJSIP/kim|{event}") == [kind]


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ("ABANDON|1|1|30", "abandoned"),
        ("EXITWITHTIMEOUT|1|1|30", "timed out"),
        ("EXITEMPTY|1|1|30", "sent on: nobody there"),
        ("EXITWITHKEY|1|1", "left by key"),
    ],
)
def test_how_a_wait_ends_without_an_agent(event, outcome):
    (found,) = read_queue_log([f"1700000000|{CALL}|NONE|{event}"]).events
    assert (found.event.kind, found.outcome) == (Kind.LEFT, outcome)


def test_pausing_everywhere_means_every_queue():
    log = read_queue_log(["1700000000|NONE|NONE|PJSIP/kim|PAUSEALL|", "1700000001|NONE|NONE|PJSIP/kim|UNPAUSEALL|"])
    assert [(each.event.kind, each.event.queue) for each in log.events] == [(Kind.PAUSED, ""), (Kind.RESUMED, "")]


def test_lines_that_mean_nothing_here_are_neither_events_nor_bad():
    log = read_queue_log(
        [
            "1700000000|NONE|NONE|NONE|CONFIGRELOAD|",
            f"1700000001|{CALL}|NONE|DID|1234",
            f"1700000002|{CALL}|NONE|INFO|x|y",
            "",
            f"1700000003|{CALL}|NONE|NEWTHING|1",
        ]
    )
    assert not log.events and not log.bad and dict(log.unknown) == {"NEWTHING": 1}


def test_bad_lines_are_named_by_number_and_the_rest_is_read():
    lines = [
        WHOLE[0], "garbage", "x|1|support|NONE|ENTERQUEUE|", f"nan|{CALL}|NONE|ENTERQUEUE|", f"-5|{CALL}|NONE|ENTERQUEUE|",
        "1700000005|1|support|NONE|CONNECT|3", "1700000006|NONE|support|NONE|ENTERQUEUE|", "1700000007|1|NONE|NONE|ABANDON|1|1|3",
        "1700000008|NONE|support|NONE|ADDMEMBER|", "1700000009|1|support|NONE|\x00\x01|", "1700000010|1700000000.1|suppo",
        WHOLE[2],
    ]  # fmt: skip
    log = read_queue_log(lines)
    assert [each.number for each in log.bad] == list(range(2, 12))
    assert all(each.why for each in log.bad)
    assert len(log.events) == 2


def test_windows_line_ends_a_byte_order_mark_and_written_dates_are_read():
    log = read_queue_log(["\ufeff2023-11-14 22:13:20.5|1.1|support|NONE|ENTERQUEUE||x|1\r\n"])
    assert log.events[0].event.at == 1700000000.5 and not log.bad


def test_an_empty_file_is_an_empty_log():
    log = read_queue_log([])
    assert (log.lines, log.events, log.bad) == (0, [], [])


def entered(at, number):
    return f"{at}|{number}.1|support|NONE|ENTERQUEUE||x|1"


def test_lines_a_little_out_of_order_are_put_in_order():
    log = read_queue_log([entered(1700000003, 1), entered(1700000001, 2), entered(1700000010, 3)])
    assert [each.number for each in log.events] == [2, 1, 3] and len(log.remarks) == 1


def test_logs_joined_the_wrong_way_round_are_put_in_order():
    today, yesterday = range(1700086400, 1700090000, 60), range(1700000000, 1700003600, 60)
    log = read_queue_log([entered(at, at) for at in [*today, *yesterday]])
    times = [each.event.at for each in log.events]
    assert times == sorted(times) and times[0] == 1700000000 and len(log.remarks) == 1


def test_a_clock_that_is_set_back_goes_on_and_keeps_what_lies_between():
    before = [entered(1700000000 + 10 * i, i) for i in range(1000)]
    after = [entered(1700000000 + 9000 + 10 * i, 5000 + i) for i in range(1000)]
    log = read_queue_log(before + after)
    times = [each.event.at for each in log.events]
    assert [each.number for each in log.events] == list(range(1, 2001)), "the order of the file"
    assert times == sorted(times) and times[-1] - times[1000] == 9990
    assert "line 1001" in log.remarks[0]


def test_shuffled_lines_are_sorted():
    lines = [entered(1700000000 + 30 * i, i) for i in range(400)]
    random.Random(3).shuffle(lines)
    times = [each.event.at for each in read_queue_log(lines).events]
    assert times == sorted(times) and len(times) == 400


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(WHOLE).flatmap(lambda line: st.integers(0, len(line)).map(lambda n: line[:n])),
        )
    )
)
def test_whatever_stands_in_a_file_is_an_event_a_bad_line_or_nothing(lines):
    log = read_queue_log(lines)
    assert len(log.events) + len(log.bad) <= len(lines) == log.lines
