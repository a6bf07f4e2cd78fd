"""N threads on one shared memory: PROTOCOL.md's `spawn` and `join`."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runners.engine import WASI, Code, Engine, EngineError, Grant, Instance, Store, Value
from runners.results import Result, reported

__all__ = ["Plan", "Region", "Workers"]


@dataclass(frozen=True)
class Region:
    """`size` bytes for each worker, one after the other from `address` on."""

    address: int
    size: int


@dataclass(frozen=True)
class Plan:
    """What each worker does.

    `registered`: what it instantiates before, each to be imported under that name by what comes after it.
    """

    engine: Engine
    code: Code
    registered: Sequence[tuple[str, Code]]
    memories: Mapping[tuple[str, str], Any]
    count: int
    field: str
    argument: Value
    stack: Region | None
    tls: Region | None


def _i32(address: int) -> Value:
    return Value("i32", address & 0xFFFFFFFF)


@dataclass
class _Worker:
    """`failure` is why it has no instance, `fault` what came out of its call that is no way to end."""

    thread: threading.Thread
    failure: BaseException | None = None
    fault: BaseException | None = None
    entry: Result = field(default_factory=dict)
    started: float = 0.0
    ended: float = 0.0


class Workers:
    """The workers of one `spawn`: each an instance in a store of its own on a thread of its own."""

    def __init__(self, plan: Plan) -> None:
        """Starts them. All are instantiated when this returns, and only then is the first let go.

        Errors: EngineError of phase `spawn` where one could not be instantiated; then none runs. A panic of the binding
        is raised as it is."""
        self._plan = plan
        self._go, self._cancelled = threading.Event(), False
        self._ready = threading.Semaphore(0)
        # Daemons: a worker that waits forever must not keep the process from ending.
        threads = (threading.Thread(target=self._run, args=(index,), daemon=True) for index in range(plan.count))
        self._workers = [_Worker(thread) for thread in threads]
        started = 0
        try:
            for worker in self._workers:
                worker.thread.start()
                started += 1
        except RuntimeError as error:
            self._abandon(started)
            raise EngineError("spawn", str(error), "RuntimeError", started) from error
        for _ in self._workers:
            self._ready.acquire()
        for index, worker in enumerate(self._workers):
            if worker.failure is not None:
                self._abandon(started)
                if not isinstance(worker.failure, Exception):
                    raise worker.failure
                name = getattr(worker.failure, "phase", type(worker.failure).__name__)
                if getattr(worker.failure, "name", "") == "unsupported":
                    name = "unsupported"
                whole = sum(other.failure is None for other in self._workers)
                raise EngineError("spawn", f"worker {index}: {worker.failure}", name, whole) from worker.failure
        self._go.set()

    def _abandon(self, started: int) -> None:
        self._cancelled = True
        self._go.set()
        for worker in self._workers[:started]:
            worker.thread.join()

    def _run(self, index: int) -> None:
        worker, plan = self._workers[index], self._plan
        store: Store | None = None
        try:
            try:
                store = plan.engine.store()
                instance = self._instance(store, index)
            except BaseException as failure:  # a binding's panic, too
                worker.failure = failure
                return
            finally:
                self._ready.release()
            self._go.wait()
            if self._cancelled:
                return
            arguments = [Value("i32", index), plan.argument]
            worker.started = time.perf_counter()
            try:
                worker.entry = reported(lambda: instance.invoke(plan.field, arguments, ["i32"]))
            except BaseException as fault:
                worker.fault = fault
                raise  # at once on standard error: the others may wait for this one forever
            worker.ended = time.perf_counter()
            worker.entry["seconds"] = worker.ended - worker.started
            if "values" not in worker.entry:
                # The others may wait for this one forever: then the host's deadline ends us, and this is what it has.
                sys.stderr.write(f"worker {index} of {plan.count}: {worker.entry}\n")
        finally:
            if store is not None:
                store.close()

    def _instance(self, store: Store, index: int) -> Instance:
        """Instances of the worker's own: of what is registered, and of the module that it runs."""
        plan, imports = self._plan, dict(self._plan.memories)
        for namespace, code in plan.registered:
            library = self._initialized(store, code, imports)
            imports |= {(namespace, name): item for name, item in library.exports().items()}
        return self._initialized(store, plan.code, imports, index)

    def _initialized(
        self, store: Store, code: Code, imports: Mapping[tuple[str, str], Any], index: int | None = None
    ) -> Instance:
        """An instance, with worker `index`'s stack and TLS if it is the one that is called."""
        wasi = Grant() if any(module == WASI for module, _ in self._plan.engine.imports(code)) else None
        instance = store.instantiate(code, imports, wasi)
        if index is not None:
            self._give_stack_and_tls(instance, index)
        if "_initialize" in instance.exports():
            instance.invoke("_initialize", [], [])
        return instance

    def _give_stack_and_tls(self, instance: Instance, index: int) -> None:
        stack, tls = self._plan.stack, self._plan.tls
        if stack is not None and instance.get("__stack_pointer") is not None:
            instance.set("__stack_pointer", _i32(stack.address + (index + 1) * stack.size))
        size = instance.get("__tls_size")
        if tls is not None and size is not None and size.bits > 0:
            if size.bits > tls.size:
                raise EngineError("spawn", f"TLS of {size.bits} bytes does not fit {tls.size}")
            instance.invoke("__wasm_init_tls", [_i32(tls.address + index * tls.size)], [])

    def join(self) -> dict[str, Any]:
        """Waits for all: `{"workers", "seconds"}`. It may wait forever: the host holds the deadline.

        What came out of a worker's call and is no way to end, a fault of ours or of the binding, is raised here."""
        for worker in self._workers:
            worker.thread.join()
        for worker in self._workers:
            if worker.fault is not None:
                raise worker.fault
        started = min((worker.started for worker in self._workers), default=0.0)
        ended = max((worker.ended for worker in self._workers), default=0.0)
        return {"workers": [worker.entry for worker in self._workers], "seconds": ended - started}
