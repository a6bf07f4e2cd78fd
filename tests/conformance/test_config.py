"""A matrix.yaml that cannot be used says file, line, key and what was perhaps meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.config import ConfigError, default_matrix, load_config
from headers_server.profiles import read


def write(folder: Path, text: str) -> Path:
    path = folder / "matrix.yaml"
    path.write_text(text)
    return path


def test_the_suites_own_matrix_is_valid() -> None:
    """And a browser without a profile stands for itself under each."""
    config = load_config(default_matrix())
    assert {"chromium+none", "chromium+isolated"} <= set(config.target_names())
    assert all(expectation.line for expectation in config.expectations)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("targets: [node-24]\ntagets: []\n", 2, ["tagets", "unknown key", "did you mean 'targets'"]),
        (
            "targets:\n  - node-24\n  - wasmtim-50\n",
            3,
            ["targets.1", "unknown target 'wasmtim-50'", "did you mean 'wasmtime-50'"],
        ),
        (
            "targets: [chromium]\nprofiles: [isolatd]\n",
            2,
            ["profiles.0", "unknown profile 'isolatd'", "did you mean 'isolated'"],
        ),
        (
            "targets: [chromium]\nprofiles:\n  - name: mine\n    why: x\n    headers:\n      documnt: {}\n",
            6,
            ["profiles.0.headers.documnt", "unknown key", "did you mean 'document'"],
        ),
        (
            "targets: [chromium]\nprofiles:\n  - {why: x, headers: {}}\n",
            3,
            ["profiles.0.name", "a profile has a name"],
        ),
        (
            "targets: [chromium]\nprofiles:\n  - {name: isolated, why: x, headers: {}}\n",
            3,
            ["profiles.0.name", "of its own"],
        ),
        (
            "targets: [chromium]\nprofiles: [none, none]\n",
            2,
            ["profiles.0", "two profiles are named 'none'"],
        ),
        ("targets: [chromium+mine]\n", 1, ["targets.0", "unknown target 'chromium+mine'"]),
        ("targets: []\n", 1, ["targets", "at least one is wanted"]),
        ("targets: node-24\n", 1, ["targets", "a list is wanted"]),
        ("targets: [5]\n", 1, ["targets.0", "a text is wanted"]),
        ("targets: [node-24]\nexpectations: 7\n", 2, ["expectations", "a list is wanted"]),
        ("targets: [node-24]\nexpectations: [7]\n", 2, ["expectations.0", "a mapping is wanted"]),
        ("targets: [node-24]\ndeadline: soon\n", 2, ["deadline", "a number is wanted"]),
        ("targets: [node-24]\nmemory_limit: 1.5\n", 2, ["memory_limit", "a whole number is wanted"]),
        ("targets: [node-24]\nlanguages: [rusty]\n", 2, ["languages", "no language matches 'rusty'", "'rust'"]),
        ("cases: ['*']\n", 1, ["targets", "required"]),
        ("targets: [node-24]\ndeadline: -1\n", 2, ["deadline", "greater than 0"]),
        ("targets: [node-24]\nmemory_limit: 1\n", 2, ["memory_limit", "greater than or equal to 64"]),
        (
            "targets: [node-24]\nexpectations:\n  - {status: fial, reason: x}\n",
            3,
            ["expectations.0.status", "did you mean 'fail'"],
        ),
        ("targets: [node-24]\nexpectations:\n  - status: fail\n", 3, ["expectations.0.reason", "required"]),
        (
            "targets: [node-24]\nexpectations:\n  - status: fail\n    reason: x\n    caus: y\n",
            5,
            ["caus", "did you mean 'cause'"],
        ),
        (
            "targets: [node-24]\nexpectations:\n  - status: fail\n    reason: x\n    cause: engine/bad\n",
            5,
            ["cause", "no such cause"],
        ),
        ("targets: [node-24\n", 2, ["not YAML"]),
        ("- a\n", 1, ["a mapping is wanted"]),
    ],
)
def test_a_mistake_is_named_on_its_line(tmp_path: Path, text: str, line: int, words: list[str]) -> None:
    """One line for one mistake."""
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_profile_of_ones_own_is_a_target_and_goes_along_with_its_definition(tmp_path: Path) -> None:
    """A runner, which cannot see the file, makes the same profile of it."""
    mine = "{name: mine, why: Ours., headers: {document: {X-A: [a, b]}}}"
    config = load_config(write(tmp_path, f"targets: [chromium, chromium+mine]\nprofiles: [none, {mine}]\n"))
    assert config.target_names() == ["chromium+none", "chromium+mine"]
    none, own = config.chosen(["chromium"])
    assert none.own_profile is None
    assert own.own_profile
    assert read(own.own_profile) == config.known_profiles["mine"]
    assert read(own.own_profile).headers["document"] == (("X-A", "a"), ("X-A", "b"))


def test_two_mistakes_are_two_lines(tmp_path: Path) -> None:
    """Both are told at once."""
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "targets: [node-24]\ndeadline: 0\ncase: x\n"))
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Is named."""
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file"):
        load_config(tmp_path / "none.yaml")


def test_an_expectation_chooses_by_patterns(tmp_path: Path) -> None:
    """Case, label, target and profile; a pattern for the profile means browsers."""
    config = load_config(
        write(
            tmp_path,
            "targets: [node-24]\nexpectations:\n"
            "  - {case: 'threads/*', target: [node-*, wasmer-*], status: fail, cause: 'engine/*', reason: x}\n"
            "  - {profile: none, status: blocked, reason: y}\n",
        )
    )
    first, second = config.expectations
    assert first.chooses("threads/barrier-2", "rust", "node-20", None)
    assert not first.chooses("threads/barrier-2", "rust", "wasmtime-50", None)
    assert not first.chooses("sha256/empty", "rust", "node-20", None)
    assert first.fits("fail", "engine/wrong-value")
    assert not first.fits("fail", "wasi/escaped")
    assert not first.fits("crash", "engine/wrong-value")
    assert second.chooses("a/b", "go", "chromium+none", "none")
    assert not second.chooses("a/b", "go", "node-20", None)


def test_profiles_that_are_asked_for_choose_browsers_alone(tmp_path: Path) -> None:
    """A browser's bare name then stands for all profiles that there are and match, the file's own among them."""
    path = tmp_path / "matrix.yaml"
    mine = "{name: mine, why: Ours., headers: {}}"
    path.write_text(f"targets: [node-24, chromium, chromium+https]\nprofiles: [none, {mine}]\n")
    config = load_config(path)
    assert [target.name for target in config.chosen((), ("co[oe]p-only",))] == [
        "chromium+coop-only",
        "chromium+coep-only",
    ]
    assert {target.profile for target in config.chosen((), ("*",))} == set(config.known_profiles)
    assert [target.own_profile is None for target in config.chosen((), ("mine",))] == [False]
    assert [target.name for target in config.chosen(("chromium+none",), ("none",))] == ["chromium+none"]
    assert config.chosen((), ("nonesuch",)) == []
