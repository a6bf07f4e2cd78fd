"""headers_server/profiles.py: what a file of profiles may say, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from headers_server.profiles import KINDS, Profile, ProfileError, find, load, shipped


def written(folder: Path, text: str) -> Path:
    path = folder / "profiles.yaml"
    path.write_text(text)
    return path


def one(folder: Path, headers: str) -> Profile:
    return load(written(folder, f"x:\n  why: A test.\n  headers: {headers}\n"))["x"]


def test_none_sends_nothing_and_isolated_sends_the_pair_to_every_kind() -> None:
    pair = (("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Embedder-Policy", "require-corp"))
    assert all(shipped()["none"].headers[kind] == () for kind in KINDS)
    assert all(shipped()["isolated"].headers[kind] == pair for kind in KINDS)


def test_an_unknown_profile_is_told_with_the_nearest_name_or_with_all_names() -> None:
    with pytest.raises(ProfileError, match="no profile 'isolatd'; did you mean 'isolated'"):
        find("isolatd")
    with pytest.raises(ProfileError, match="no profile 'zzz'; there are: none, isolated, "):
        find("zzz")


def test_a_kind_overrides_what_everything_says_whatever_the_case_of_the_name(tmp_path: Path) -> None:
    x = one(tmp_path, "{everything: {X-A: '1', X-B: '2'}, worker: {x-a: '3'}}")
    assert x.headers["document"] == (("X-A", "1"), ("X-B", "2"))
    assert x.headers["worker"] == (("x-a", "3"), ("X-B", "2"))


def test_a_kind_can_take_a_header_away(tmp_path: Path) -> None:
    x = one(tmp_path, "{everything: {X-A: '1'}, worker: {X-A: null}}")
    assert x.headers["worker"] == (("X-A", None),)


def test_a_header_can_be_sent_twice(tmp_path: Path) -> None:
    assert one(tmp_path, "{document: {X-A: [a, b]}}").headers["document"] == (("X-A", "a"), ("X-A", "b"))


def test_a_frame_begins_as_a_document(tmp_path: Path) -> None:
    x = one(tmp_path, "{document: {X-A: '1', X-B: '2'}, frame: {X-B: '3'}}")
    assert x.headers["frame"] == (("X-A", "1"), ("X-B", "3"))
    assert x.headers["script"] == ()


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ("{worker-script: {X-A: '1'}}", r"x\.headers\.worker-script: unknown key; did you mean 'worker'"),
        ("{worker: {'X A': '1'}}", "'X A' is not a header's name"),
        ("{worker: {X-A: 1}}", r"x\.headers\.worker\.X-A: a line of text, a list of them or null is wanted, not 1"),
        ("{}\n  hots: a", r":4: x\.hots: unknown key; did you mean 'hosts'"),
        ("{}\n  host: http://a", r"x\.host: the name of a host is wanted"),
        ("{}\n  scheme: ftp", r"x\.scheme: http or https is wanted, not 'ftp'"),
        ("{}\n  service_worker: 1", r"x\.service_worker: true or false is wanted"),
        ("{}\n  flags: {chromium: --a}", r"x\.flags\.chromium: a list of texts is wanted"),
        ("{}\n  hosts: {firefox: 'http://a'}", r"x\.hosts\.firefox: the name of a host is wanted"),
        ("{}\n  cannot: {firefox: ''}", r"x\.cannot\.firefox: one sentence is wanted"),
        ('{worker: {X-A: "a\\r\\nSet-Cookie: b"}}', "a line of text"),
        ("{worker: {X-A: [a, null]}}", "not None"),
        ("{worker: {X-A: [[a]]}}", "a line of text"),
        ("[]", r"x\.headers: a table of names is wanted"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(tmp_path: Path, headers: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message) as told:
        one(tmp_path, headers)
    assert str(tmp_path) in str(told.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {headers: {}}", r"a\.why: one sentence is wanted"),
        ("a: {why: x}", r"a\.headers: a table"),
        ("a: {why: x, headers: {}, header: {}}", r":1: a\.header: unknown key; did you mean 'headers'"),
        ("A_b: {why: x, headers: {}}", "lower-case letters"),
        ("../a: {why: x, headers: {}}", "lower-case letters"),
        ("a: {why: [", "profiles.yaml:1: not YAML"),
        ("", "profiles.yaml:1: a table"),
    ],
)
def test_a_file_that_is_not_profiles_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message) as told:
        load(written(tmp_path, text))
    assert "\n" not in str(told.value)


def test_a_file_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="No such file"):
        load(tmp_path / "absent.yaml")
