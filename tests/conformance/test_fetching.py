"""`conformance.fetching`: what the standards say of a load, sentence by sentence."""

from __future__ import annotations

import pytest

from conformance.cases.subresources import CASES
from conformance.fetching import Answer, Load, Mode, Relation, answer, explain, rules
from conformance.policies import Policies
from headers_server.profiles import shipped

EMBEDDERS = ("unsafe-none", "require-corp", "credentialless")
BOTH: tuple[Relation, ...] = ("same-site", "cross-site")
CORP = (None, "same-origin", "same-site", "cross-origin", "no-such-value")


def asked(embedder: str, mode: Mode = "no-cors", relation: Relation = "cross-site", **more: object) -> Answer:
    return answer(Policies(embedder=embedder), Load("image", mode, relation, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("embedder", EMBEDDERS)
@pytest.mark.parametrize("corp", CORP[:4])
def test_what_is_of_the_page_s_own_origin_is_loaded(embedder: str, corp: str | None) -> None:
    """It is not opaque, and no policy is asked; with CORS neither."""
    assert asked(embedder, "no-cors", "same-origin", corp=corp) == Answer(True, asked("unsafe-none").source)
    assert asked(embedder, "cors", "same-origin", corp=corp, cookies=True).loaded


@pytest.mark.parametrize(
    ("embedder", "same_site", "cross_site"),
    [  # which values of CORP it is loaded with
        ("unsafe-none", (None, "same-site", "cross-origin"), (None, "cross-origin")),
        ("require-corp", ("same-site", "cross-origin"), ("cross-origin",)),
        ("credentialless", (None, "same-site", "cross-origin"), (None, "cross-origin")),
    ],
)
def test_without_cors_the_resource_policy_decides(
    embedder: str, same_site: tuple[str | None, ...], cross_site: tuple[str | None, ...]
) -> None:
    """CORP alone without COEP; under require-corp what says nothing is of its own origin alone."""
    loaded = {
        relation: [corp for corp in CORP[:4] if asked(embedder, "no-cors", relation, corp=corp).loaded]
        for relation in BOTH
    }
    assert loaded == {"same-site": list(same_site), "cross-site": list(cross_site)}


@pytest.mark.parametrize("embedder", EMBEDDERS)
def test_cookies_stay_at_home_under_credentialless_alone(embedder: str) -> None:
    """And go with what is of the page's own origin, unless the way there led through another."""
    assert asked(embedder).anonymous == (embedder == "credentialless")
    assert not asked(embedder, relation="same-origin").anonymous
    assert asked(embedder, relation="same-origin", via="cross-site").anonymous == (embedder == "credentialless")


def test_a_redirect_to_another_origin_is_checked_where_it_leads() -> None:
    """And one that leads back is opaque still."""
    assert asked("require-corp", via="same-origin").lacks == ("Cross-Origin-Resource-Policy: cross-origin",)
    assert asked("require-corp", via="same-origin", corp="cross-origin").loaded
    assert asked("require-corp", relation="same-origin", via="cross-site", corp="cross-origin").loaded


def test_a_redirect_itself_needs_a_resource_policy() -> None:
    """Its response is one that is opaque, too."""
    assert asked("require-corp", relation="same-origin", via="cross-site").lacks == (
        "Cross-Origin-Resource-Policy: cross-origin",
    )
    assert asked("unsafe-none", relation="same-origin", via="cross-site").loaded
    assert not asked("unsafe-none", relation="same-origin", via="cross-site", corp="same-origin").loaded


def test_a_service_worker_hides_the_way_and_not_where_it_ends() -> None:
    """It fetches by policies of its own, here none; the page's are asked of what it gives."""
    page = Policies(embedder="require-corp")
    assert answer(page, Load("image", "no-cors", "same-origin", via="cross-site"), relayed=True).loaded
    assert not answer(page, Load("image", "no-cors", "same-origin", "cross-site", "same-site"), relayed=True).loaded
    assert not answer(page, Load("image", "no-cors", "cross-site"), relayed=True).loaded
    anonymous = Policies(embedder="credentialless")
    assert not answer(anonymous, Load("image", "no-cors", "cross-site", corp="cross-origin"), relayed=True).anonymous


@pytest.mark.parametrize("embedder", EMBEDDERS)
def test_with_cors_the_resource_policy_is_not_asked(embedder: str) -> None:
    """What may be read may be loaded."""
    assert asked(embedder, "cors", cors="any", corp="same-origin").loaded
    assert asked(embedder, "cors", corp="cross-origin").lacks == ("Access-Control-Allow-Origin",)


def test_a_star_is_not_enough_for_cookies() -> None:
    """Fetch, "CORS check"."""
    assert asked("unsafe-none", "cors", cors="any", cookies=True).lacks == (
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials: true",
    )
    assert asked("unsafe-none", "cors", cors="credentials", cookies=True).loaded


@pytest.mark.parametrize("embedder", ["require-corp", "credentialless"])
def test_a_frame_embeds_as_strictly_as_its_page(embedder: str) -> None:
    """Of the same origin, too; of another it needs CORP as well, under credentialless as under require-corp."""
    for relation in ("same-origin", *BOTH):
        assert asked(embedder, "navigate", relation).lacks[0] == "Cross-Origin-Embedder-Policy: require-corp"
        assert asked("unsafe-none", "navigate", relation, corp="same-origin").loaded
    assert asked(embedder, "navigate", "same-origin", coep="credentialless").loaded
    assert asked(embedder, "navigate", "same-site", coep="require-corp").lacks == (
        "Cross-Origin-Resource-Policy: same-site",
    )
    assert asked(embedder, "navigate", "same-site", coep="require-corp", corp="same-site").loaded
    assert not asked(embedder, "navigate", "cross-site", coep="require-corp", corp="same-site").loaded
    assert asked(embedder, "navigate", "cross-site", coep="require-corp", corp="cross-origin").loaded


@pytest.mark.parametrize("embedder", ["require-corp", "credentialless"])
def test_a_worker_embeds_as_strictly_as_its_page(embedder: str) -> None:
    """And is of the same origin, under every policy."""
    assert asked(embedder, "same-origin", "same-origin").lacks == ("Cross-Origin-Embedder-Policy: require-corp",)
    assert asked(embedder, "same-origin", "same-origin", coep="credentialless").loaded
    assert asked("unsafe-none", "same-origin", "same-origin").loaded
    assert asked("unsafe-none", "same-origin", "same-site", corp="cross-origin", cors="any") == Answer(
        False, asked("unsafe-none", "same-origin", "cross-site").source
    )


def test_document_isolation_policy_binds_neither_frames_nor_workers() -> None:
    """But all that is loaded without CORS."""
    page = Policies(isolates="isolate-and-require-corp")
    assert answer(page, Load("frame", "navigate", "same-origin")).loaded
    assert answer(page, Load("worker", "same-origin", "same-origin")).loaded
    assert not answer(page, Load("image", "no-cors", "cross-site")).loaded
    assert answer(Policies(isolates="isolate-and-credentialless"), Load("image", "no-cors", "cross-site")).anonymous


def explained(profile: str, case: str) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """What is said of a browser that keeps the standards."""
    (command,) = next(one for one in CASES if one.id == f"isolation/{case}").build(None)
    asked = command["with"]
    facts = {name: rule.value for name, rule in rules(asked, shipped()[profile]).items()}
    found = explain(asked, shipped()[profile], facts)
    return found["causes"], found["lacks"]


def test_only_what_isolation_blocks_is_laid_to_it() -> None:
    """Not what its own headers, or the lack of CORS, forbid to every page."""
    assert explained("isolated", "load-image-cross-site") == (
        ["isolation/subresource-blocked:image"],
        {"no-cors": ("Cross-Origin-Resource-Policy: cross-origin",)},
    )
    assert explained("isolated", "load-image-same-origin") == ([], {})
    for profile in ("none", "credentialless", "coep-misspelt"):
        assert explained(profile, "load-image-cross-site") == ([], {})
    assert explained("isolated", "load-font-cross-site") == ([], {})
    assert explained("isolated", "load-worker-cross-site") == ([], {})


def test_a_frame_and_a_worker_have_causes_of_their_own() -> None:
    """The header that is lacking, or both."""
    causes, lacks = explained("isolated", "load-frame-cross-site")
    assert causes == ["isolation/frame-without-coep", "isolation/frame-without-corp"]
    assert lacks["navigate, coep: require-corp"] == ("Cross-Origin-Resource-Policy: cross-origin",)
    assert len(lacks["navigate"]) == 2
    assert "navigate, coep: require-corp, corp: cross-origin" not in lacks
    assert explained("isolated", "load-worker-same-origin")[0] == ["isolation/worker-script-without-coep"]
    assert explained("dip-require-corp", "load-frame-cross-site") == ([], {})
