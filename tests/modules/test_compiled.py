"""modules/dist: the compiled set that is committed is the one that table, lock and sources describe."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from conformance.causes import is_cause
from modules.binary import read_border
from modules.build import OK, main
from modules.lock import LIMIT, digest, dist_size
from modules.table import HERE, Language, Module, load
from modules.workshop import Missing, Workshop

TABLE = load()
MODULES = list(TABLE.modules.values())
LANGUAGES: tuple[Language, ...] = ("rust", "go", "assemblyscript", "emscripten")
PROGRAMS = {
    *("condition", "semaphore", "rwlock", "once", "spinlock", "spsc", "mpmc", "stealing"),
    *("sort-bands", "mandelbrot", "matmul-bands"),
}
WHOLE = ("pthreads", "pthread-pool", "pthread-no-pool", "pthread-proxy", "pthread-growth", "worker-pool")
"""Asked of whole programs, whose JavaScript alone knows what they export."""
JOBS = {
    "sha256": ["sha256 (i32 i32 i32) -> ()"],
    "nbody": ["nbody (i32 i32) -> ()"],
    "image": ["box_blur (i32 i32 i32 i32 i32) -> ()", "resize (i32 i32 i32 i32 i32 i32) -> ()"],
    "matmul": ["matmul (i32 i32 i32 i32) -> ()"],
    "sort": ["sort_i32 (i32 i32) -> ()", "sort_i64 (i32 i32) -> ()"],
    "json": ["json_stats (i32 i32 i32) -> (i32)"],
    "text": ["reverse_text (i32 i32 i32) -> (i32)"],
    "numeric": [
        *(f"i64_{op} (i64 i64) -> (i64)" for op in ("add", "sub", "mul", "div_s", "xor", "rotl")),
        *(f"i64_{op} (i64) -> (i64)" for op in ("clz", "ctz", "popcnt")),
        *(f"f64_{op} (f64) -> (f64)" for op in ("floor", "ceil", "trunc", "nearest", "sqrt", "abs")),
        "f64_copysign (f64 f64) -> (f64)",
        "f64_from_i64 (i64) -> (f64)",
        "f32_from_f64 (f64) -> (f32)",
        "i64_trunc_sat_f64 (f64) -> (i64)",
        "f64_bits (f64) -> (i64)",
        "f64_from_bits (i64) -> (f64)",
        "f32_bits (f32) -> (i32)",
        "f32_from_bits (i32) -> (f32)",
    ],
    "memory": ["mem_copy (i32 i32 i32) -> ()", "mem_fill (i32 i32 i32) -> ()"],
    "traps": ["after (i32) -> (i32)"],
    "linking": ["add (i32 i32) -> (i32)", "mixed (i32 f64 i64 f32) -> (f64)", "keep (i32) -> ()", "kept () -> (i32)"],
    "shared-nothing": ["mandelbrot_band (i32 i32) -> (i32)"],
    "wasi": ["_start () -> ()"],
    "counter": ["thread_entry (i32 i32) -> (i32)"],
    "barrier": ["thread_entry (i32 i32) -> (i32)"],
    "mutex": ["thread_entry (i32 i32) -> (i32)"],
    "reduce": ["thread_entry (i32 i32) -> (i32)"],
    **{job: ["thread_entry (i32 i32) -> (i32)"] for job in sorted(PROGRAMS)},
    **{job: ["thread_entry (i32 i32) -> (i32)"] for job in ("stacks", "locals", "late")},
    "wait": [
        "load_behind_wait (i32 i32 i64) -> (i32)",
        "load_behind_notify (i32) -> (i32)",
        "keep_behind_wait (i32 i64) -> (i64)",
    ],
    "atomics": [
        "i32.atomic.rmw8.cmpxchg_u (i32 i32 i32) -> (i32)",
        "memory.atomic.notify (i32 i32) -> (i32)",
        "memory.grow (i32) -> (i32)",
        "atomic.fence (i32) -> (i32)",
    ],
    "wasi-threads": ["_start () -> ()", "wasi_thread_start (i32 i32) -> ()"],
    "http": ["_start () -> ()"],
    "grow": ["thread_entry (i32 i32) -> (i32)", "grow (i32) -> (i32)", "size () -> (i32)", "wake (i32 i32) -> (i32)"],
    "ends": ["thread_entry (i32 i32) -> (i32)"],
    "ends-exception": ["thread_entry (i32 i32) -> (i32)"],
    "ends-exit": ["thread_entry (i32 i32) -> (i32)", "memory memory 32..256 shared"],
    **{job: [] for job in WHOLE},
    "bits": ["thread_entry (i32 i32) -> (i32)", "tokens (i32 i32) -> (i32)"],
    "litmus": ["thread_entry (i32 i32) -> (i32)"],
    "litmus-plain": ["thread_entry (i32 i32) -> (i32)"],
    "waiting": ["memory.atomic.wait64 (i32 i64 i64) -> (i32)", "wake (i32 i32 i32) -> (i32)"],
    "javascript": ["wake_one (i32 i32) -> (i32)", "grow_by (i32 i32) -> (i32)"],
    "together": ["meet (i32 i32) -> (i32)"],
    "bench": [f"{name} (i32 i32) -> (i32)" for name in ("add_same", "add_own", "take_turns", "nothing", "add_plain")],
    "unshared": ["memory.atomic.wait32 (i32 i32 i64) -> (i32)"],
}
"""What modules/README.md says that a module exports for a job, and every language has."""
TEXT_ONLY = {
    *("wait", "atomics", "waiting", "unshared", "javascript", "bits", "litmus", "litmus-plain", "grow"),
    *("ends", "ends-exception", "ends-exit", "together", "bench", "linking"),
}
"""Questions to the engine alone, which no compiler stands between."""
ONE_LANGUAGE = {*TEXT_ONLY, "http", *WHOLE}
"""The handler is of a platform's own making, and asked of it alone; a whole program is its toolchain's."""


def by_id(module: Module) -> str:
    return module.id


def test_table_lock_and_folder_name_the_same_modules() -> None:
    """No row without a module, no module without a row, no file without either."""
    assert set(TABLE.builds) == set(TABLE.lock) == {file.stem for file in (HERE / "dist").glob("*.wasm")}
    beside = [name for build in TABLE.builds.values() for name in build.beside]
    assert sorted(beside) == sorted(
        file.name for file in (HERE / "dist").iterdir() if file.suffix not in (".wasm", ".json")
    )


def test_the_compiled_set_is_small() -> None:
    """It is cloned by everybody."""
    assert dist_size(HERE / "dist") < LIMIT


@pytest.mark.parametrize("module", MODULES, ids=by_id)
def test_a_module_is_what_the_lock_says(module: Module) -> None:
    """Its bytes and its border."""
    wasm = module.path.read_bytes()
    assert (digest(wasm), len(wasm)) == (module.sha256, module.size)
    border = read_border(wasm)
    assert (border.imports, border.exports, border.memory) == (module.imports, module.exports, module.memory)
    assert module.beside == {name: digest(module.path.with_name(name).read_bytes()) for name in module.beside}


@pytest.mark.parametrize("module", MODULES, ids=by_id)
def test_a_module_was_made_of_these_sources_by_these_commands(module: Module) -> None:
    """Whoever changes a source writes the module anew: python -m modules.build --update."""
    build, locked = TABLE.builds[module.id], TABLE.lock[module.id]
    assert locked.commands == build.commands
    assert set(locked.toolchain) == set(build.toolchain)
    assert locked.source_sha256 == Workshop(HERE).source_hash(build)


@pytest.mark.parametrize("module", MODULES, ids=by_id)
def test_a_module_imports_what_its_abi_allows(module: Module) -> None:
    """core: nothing; linked: all that wat-callee exports; threads: one shared memory; wasi: WASI preview 1.

    instances: that and all that wat-shared exports; fastly: that and what the platform has.
    To be asked for an exit, one with threads has `proc_exit`.
    A program imports what its JavaScript gives it, and a shared memory is among that.
    """
    if module.abi == "core":
        assert module.imports == {}
    elif module.abi == "linked":
        assert module.imports == {f"callee.{name}": kind for name, kind in TABLE.modules["wat-callee"].exports.items()}
    elif module.abi == "threads":
        exits = ["wasi_snapshot_preview1.proc_exit"] if "ends-exit" in module.jobs else []
        assert list(module.imports) == ["env.memory", *exits]
        limits = re.fullmatch(r"memory (\d+)\.\.(\d+) shared", module.imports["env.memory"])
        assert limits
        assert int(limits[1]) <= 32
        assert int(limits[2]) == 256
    elif module.abi == "instances":
        shared = TABLE.modules["wat-shared"].exports
        others = {name for name in module.imports if not name.startswith("wasi_snapshot_preview1.")}
        assert {name.removeprefix("shared."): module.imports[name] for name in others} == dict(shared)
    elif module.abi == "wasi-threads":
        assert module.imports["env.memory"].endswith(" shared")
        others = {name for name in module.imports if not name.startswith("wasi_snapshot_preview1.")}
        assert others == {"env.memory", "wasi.thread-spawn"}
    elif module.beside:
        assert any(line.startswith("memory ") and line.endswith(" shared") for line in module.imports.values())
    else:
        names = {name.split(".")[0] for name in module.imports}
        others = names - {"wasi_snapshot_preview1"}
        assert all(name.startswith("fastly_") for name in others) if module.abi == "fastly" else not others


@pytest.mark.parametrize("module", [module for module in MODULES if module.jobs], ids=by_id)
def test_a_module_exports_what_its_jobs_need(module: Module) -> None:
    """With the types of modules/README.md; single modules also their memory and `alloc`."""
    wanted = [line for job in module.jobs for line in JOBS[job]]
    if module.abi in ("core", "wasi-reactor"):
        if not set(module.jobs) <= TEXT_ONLY:
            wanted.append("alloc (i32) -> (i32)")
        if "linking" not in module.jobs:
            assert module.exports["memory"].startswith("memory ")
    if module.abi in ("wasi-reactor", "instances"):
        wanted.append("_initialize () -> ()")
    own = {f"{name} {kind.removeprefix('func ')}" for name, kind in module.exports.items()}
    assert set(wanted) - own == set()


@pytest.mark.parametrize("module", MODULES, ids=by_id)
def test_no_module_names_the_machine_that_built_it(module: Module) -> None:
    """Such a path is also the first sign of a build that cannot be repeated elsewhere."""
    for name in (module.path.name, *module.beside):
        content = module.path.with_name(name).read_bytes()
        for path in (Path.home(), HERE.parent):
            assert f"{path}/".encode() not in content


@pytest.mark.parametrize("job", sorted(set(JOBS) - ONE_LANGUAGE))
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_serves_each_job_or_says_why_not(language: Language, job: str) -> None:
    """Missing is not skipped."""
    serving = [module.id for module in TABLE.serving(job) if module.language == language]
    reasons = [row.reason for row in TABLE.absent.get(language, ()) if job in row.jobs and not row.exports]
    assert serving or reasons


@pytest.mark.parametrize("job", JOBS)
def test_each_job_has_a_deliberately_wrong_module(job: str) -> None:
    """The suite's test of itself needs one."""
    assert [module.id for module in TABLE.serving(job, ("wrong",))]


def test_causes_and_features_are_those_of_the_suite() -> None:
    """A code that nobody can explain, or a feature that nobody probes, is a mistake."""
    assert {row.cause for rows in TABLE.absent.values() for row in rows if not is_cause(row.cause)} == set()
    known = json.loads((HERE.parent / "runners" / "features.json").read_text())
    assert {name for module in MODULES for name in module.features} - set(known) == set()


@pytest.mark.parametrize("name", ["rust-threads", "wat-numeric"])
def test_a_build_elsewhere_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    """From a copy of the sources in a folder of another length, with a space in it. `tox -e modules` builds all."""
    for toolchain in TABLE.builds[name].toolchain:
        state = Workshop(HERE).probe(TABLE.toolchains[toolchain])
        if isinstance(state, Missing):
            pytest.skip(f"{toolchain}: {state.reason}")
    elsewhere = tmp_path / "an other place"
    ignored = shutil.ignore_patterns("target", "node_modules", "__pycache__")
    for part in (TABLE.builds[name].source, "dist"):
        shutil.copytree(HERE / part, elsewhere / part, ignore=ignored)
    shutil.copy(HERE / "builds.yaml", elsewhere)
    assert main([name], elsewhere) == OK
