"""What a script measured is told where it was asked for and could be measured, and nowhere else."""

from __future__ import annotations

import base64
import struct
from typing import Any

from conformance.measured import measured, refusal


def asking(*expects: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"expect": expect} if expect else {} for expect in expects]


def test_nothing_is_told_that_was_not_asked_for() -> None:
    assert measured(asking({}), [{"seconds": 3.0, "bytes": "AAAA"}], 3.0) == {}


def test_a_refusal_that_may_come_is_one_of_its_phase() -> None:
    """A runtime that has no threads at all has refused nothing."""
    error = {"phase": "spawn", "name": "EAGAIN", "message": "no more"}
    assert refusal({"refusal": "spawn"}, {"error": error}) == "EAGAIN: no more"
    assert refusal({"refusal": "memory"}, {"error": error}) is None
    assert refusal({}, {"error": error}) is None
    assert refusal({"refusal": "spawn"}, {"error": {**error, "name": "unsupported"}}) is None
    assert refusal({"refusal": "spawn"}, {}) is None


def test_speed_up_is_the_ratio_of_two_commands() -> None:
    script = asking({}, {"speedup": {"of": 1, "over": 0}})
    assert measured(script, [{"seconds": 3.0}, {"seconds": 1.5}], 4.5) == {"speedup": 2.0}
    assert measured(script, [{"seconds": 3.0}, {"seconds": 0.0}], 3.0) == {}
    assert measured(script, [{"seconds": 3.0}, {}], 3.0) == {}


def test_speed_is_of_one_command_or_of_the_whole_script() -> None:
    for of, value in (("command", 500.0), ("script", 250.0)):
        script = asking({"speed": {"count": 1000, "unit": "calls/s", "of": of}})
        assert measured(script, [{"seconds": 2.0}], 4.0) == {"speed": {"value": value, "unit": "calls/s"}}
    assert measured(script, [{}], 0.0) == {}


def test_the_longest_of_several_waits_is_told() -> None:
    script = asking({"lasts": 0.02}, {"lasts": 0.02}, {"lasts": 0.02})
    assert measured(script, [{"seconds": 0.03}, {"seconds": 0.5}, {}], 1.0) == {"late": 0.48}


def test_outcomes_that_never_came_are_not_told() -> None:
    script = asking({"outcomes": {"names": ["y=0 x=0", "y=1 x=0", "y=0 x=1"], "forbidden": ["y=1 x=0"], "total": 1000}})
    counts = base64.b64encode(struct.pack("<3I", 10, 0, 990)).decode()
    assert measured(script, [{"bytes": counts}], 1.0) == {"outcomes": {"y=0 x=0": 10, "y=0 x=1": 990}}


def test_the_most_threads_at_once_are_told_where_more_may_be_refused() -> None:
    """None at all is a number, too."""
    script = asking({}, {}, {"refusal": "spawn"}, {})
    refused = {"error": {"phase": "spawn", "name": "EAGAIN"}}
    assert measured(script, [{}, {"workers": [{}] * 8}, refused], 1.0) == {"refused": "EAGAIN", "most_threads": 8}
    counted = {"error": {**refused["error"], "started": 12}}
    assert measured(script, [{}, {"workers": [{}] * 8}, counted], 1.0) == {"refused": "EAGAIN", "most_threads": 12}
    assert measured(script, [{}, {"workers": [{}] * 8}, {}, {"workers": [{}] * 16}], 1.0) == {"most_threads": 16}
    assert measured(asking({"refusal": "spawn"}), [refused], 1.0) == {"refused": "EAGAIN", "most_threads": 0}
