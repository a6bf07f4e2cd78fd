"""The workers of a spawn, where a binding does what no module can make it do."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from runners.engine import EngineError, Value
from runners.workers import Plan, Workers


class Panic(BaseException):
    """As PyO3's, which is no Exception."""


class Engine:
    """Each of its stores and instances; worker 1 raises `fault` as it is instantiated, or as it is called."""

    def __init__(self, fault: BaseException, *, instantiating: bool) -> None:
        self._fault, self._instantiating = fault, instantiating
        self.closed = 0

    def imports(self, _code: Any) -> list[tuple[str, str]]:
        return []

    def store(self) -> Engine:
        return self

    def close(self) -> None:
        self.closed += 1

    def instantiate(self, _code: Any, _imports: Mapping[tuple[str, str], Any], _wasi: Any) -> Any:
        if self._instantiating:
            raise self._fault
        return SimpleNamespace(exports=dict, get=lambda _name: None, invoke=self._invoke)

    def _invoke(self, _name: str, args: list[Value], _results: list[str]) -> list[Value]:
        if args[0].bits == 1:
            raise self._fault
        return [args[0]]


def workers(engine: Any) -> Workers:
    return Workers(Plan(engine, None, [], {}, 3, "f", Value("i32", 0), None, None))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("fault", [Panic("of the binding"), KeyError("of ours")])
def test_a_fault_in_a_call_is_no_entry(fault: BaseException) -> None:
    """What is no way to end reaches whoever joins: on its thread alone it would leave an entry without anything."""
    engine = Engine(fault, instantiating=False)
    with pytest.raises(type(fault), match="of"):
        workers(engine).join()
    assert engine.closed == 3


def test_a_panic_while_instantiating_reaches_the_script() -> None:
    """A panic before the call is the same fault as on the script's own thread; another error is the spawn's."""
    with pytest.raises(Panic):
        workers(Engine(Panic("of the binding"), instantiating=True))
    with pytest.raises(EngineError, match="worker 0: refused") as refused:
        workers(Engine(EngineError("link", "refused"), instantiating=True))
    assert (refused.value.phase, refused.value.name, refused.value.started) == ("spawn", "link", 0)
