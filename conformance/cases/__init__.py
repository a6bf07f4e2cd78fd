"""The cases: questions with their answers, one file for each job. `CASES` are all of them, job by job."""

from __future__ import annotations

from conformance.case import Case
from conformance.cases import (
    atomics,
    bits,
    edge,
    emscripten,
    ends,
    grow,
    image,
    isolation,
    javascript,
    json,
    linking,
    litmus,
    loading,
    matmul,
    memory,
    nbody,
    numeric,
    parallel,
    programs,
    sha256,
    shared_nothing,
    sort,
    state,
    subresources,
    text,
    threads,
    traps,
    wasi,
    wasi_threads,
    wasm_bindgen,
)

__all__ = ["CASES"]

_FILES = (
    sha256,
    nbody,
    image,
    matmul,
    sort,
    json,
    text,
    numeric,
    memory,
    traps,
    linking,
    wasi,
    wasi_threads,
    atomics,
    bits,
    threads,
    javascript,
    parallel,
    programs,
    shared_nothing,
    ends,
    litmus,
    grow,
    state,
    loading,
    edge,
    isolation,
    subresources,
    emscripten,
    wasm_bindgen,
)

CASES: list[Case] = [case for file in _FILES for case in file.CASES]
