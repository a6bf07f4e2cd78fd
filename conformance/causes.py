"""The closed list of causes: why a cell did not pass. A code is `family/name`; some take a detail after a colon."""

from __future__ import annotations

__all__ = ["CAUSES", "STATUSES", "explain", "is_cause"]

STATUSES = ("pass", "fail", "flaky", "crash", "timeout", "unsupported", "blocked", "missing")

CAUSES: dict[str, str] = {
    # fail: the runtime answered, and the answer is wrong
    "engine/wrong-value": "a call returned, or memory holds, another value than the right one",
    "engine/wrong-trap": "it trapped, but with another kind of trap than the standard demands",
    "engine/no-trap": "it should have trapped and went on",
    "engine/unexpected-trap": "it trapped where it should have gone on",
    "engine/unexpected-exception": "an exception of the module reached the host where none should",
    "engine/unexpected-error": "JavaScript's own function threw an error where it should have gone on",
    "engine/unexpected-exit": "the module ended by proc_exit where it should have gone on",
    "engine/refused-module": "the runtime did not compile a module whose features it has",
    "engine/refused-import": "the runtime could not link an import that it should have",
    "engine/refused-start": "the module compiled but could not be instantiated",
    "engine/refused-call": "a call into the module was refused",
    "engine/memory": "linear memory could not be made, read or written",
    "engine/wrong-error": "it was refused as it must be, but with another error than the standard names",
    "engine/accepted": "the runtime accepted what it must refuse",
    "module/wrong-value": "every engine that ran it gives this same wrong value: rather the module's fault than theirs",
    "wasi/wrong-result": "a WASI program ended with another exit code, output or file than it must",
    "wasi/not-refused": "a WASI program was let to do what it must be refused, and reached nothing of the host's by it",
    "wasi/escaped": "a WASI program reached a file that it was not granted",
    "edge/wrong-response": "a handler of HTTP requests answered with another status, header or body than it must",
    "edge/no-response": "the runtime could not serve a handler of HTTP requests, or got no answer from it",
    "edge/escaped": "a handler of HTTP requests reached a server that it was not granted",
    "isolation/departs-from-standard": "a browser's isolation is not as the standards require under these headers",
    "program/wrong-result": "a program with JavaScript of its own ended with another exit code or output than it must",
    "threads/refused": "a thread could not be started, though the runtime has threads",
    "fallback/single-thread": "the threads of a module ran one after the other, never two at the same time",
    # crash, timeout
    "crash/signal": "the runner was ended by a signal",
    "crash/exit": "the runner ended by itself in the middle of the script",
    "crash/memory-limit": "the runner grew past the memory limit and was ended",
    "crash/protocol": "the runner broke its protocol in the middle of the script and was ended",
    "timeout/deadline": "no answer within the deadline",
    # unsupported: who lacks what
    "unsupported/feature": "the runtime does not have this WebAssembly feature",
    "unsupported/wasi": "the runtime has no WASI",
    "unsupported/threads": "the runtime cannot start threads",
    "unsupported/program": "the runtime runs no programs with JavaScript of their own",
    "unsupported/binding": "the engine can, but its binding does not offer it",
    "unsupported/profile": "the browser cannot be brought under this profile",
    "unsupported/shared-array-buffer": "the browser's build has no SharedArrayBuffer, though the page is isolated",
    "unsupported/toolchain": "the language's toolchain cannot make such a module",
    "unsupported/language": "the question has no meaning in this language",
    # blocked: the browser could, but the page was not isolated
    "isolation/insecure-context": "the page is not a secure context, so it can never be cross-origin isolated",
    "isolation/coop-missing": "the document came without Cross-Origin-Opener-Policy: same-origin",
    "isolation/coop-wrong": "the document's Cross-Origin-Opener-Policy has a value that does not isolate",
    "isolation/coep-missing": "the document came without Cross-Origin-Embedder-Policy",
    "isolation/coep-wrong": "the document's Cross-Origin-Embedder-Policy has a value that does not isolate",
    "isolation/coep-duplicated": "the document's Cross-Origin-Embedder-Policy has two values, which count as none",
    "isolation/report-only": "a policy is only reported, and so isolates nothing",
    "isolation/permission-denied": "the document's Permissions-Policy denies it cross-origin-isolated",
    "isolation/worker-script-without-coep": "the worker's script came without Cross-Origin-Embedder-Policy",
    "isolation/subresource-blocked": "a page with an embedder policy loads nothing from elsewhere that came without "
    "Cross-Origin-Resource-Policy or CORS",
    "isolation/frame-without-coep": "a page with an embedder policy loads no frame that came without one",
    "isolation/frame-without-corp": "a page with an embedder policy loads no frame of another origin that came without "
    "Cross-Origin-Resource-Policy",
    "isolation/frame-without-allow": 'the page does not allow the frame to be isolated: allow="cross-origin-isolated"',
    "isolation/frame-without-document-isolation-policy": "the page is isolated by Document-Isolation-Policy, which its "
    "frame came without",
    "isolation/data-url-worker": "a worker from a data: URL is never cross-origin isolated",
    "isolation/opener-lost": "the Cross-Origin-Opener-Policies of page and pop-up differ, so neither knows the other",
    "isolation/service-worker-not-in-control": "the service worker that adds the headers does not yet control the page",
    "isolation/browser-lacks-credentialless": "the browser does not know credentialless, as a policy or of a frame",
    "isolation/browser-lacks-document-isolation-policy": "the browser takes no notice of Document-Isolation-Policy",
    "isolation/browser-lacks-shared-array-buffer": "the page is isolated, and the browser has no SharedArrayBuffer",
    "isolation/agent-cluster": "sender and receiver of the memory are not in one isolated agent cluster",
    "isolation/not-isolated": "the headers are right and the page still is not cross-origin isolated",
    "isolation/post-message-refused": "the page is isolated, and shared memory still could not be sent to a worker",
    "isolation/memory-not-shared": "the memory is no shared one: not asked for as such, or the browser made none",
    "isolation/not-loaded": "a frame or a worker did not load, and the headers are not to blame",
    "isolation/never-settled": "a frame, a pop-up or a worker gave no answer in time, nor an error",
    # missing: what to install
    "missing/runtime": "the runtime is not installed here",
    "missing/build": "the runtime could not be built or installed",
    "missing/start": "the runtime is installed, but its runner does not start",
    # ours
    "suite/script": "the runner did not understand the script: a fault of the suite",
    "suite/probe": "a probe of isolation did not come to its end: a fault of the suite",
    "suite/fetch": "a module or data file did not arrive in the runner",
}


def is_cause(code: str) -> bool:
    """Whether the code is in the list; what follows a colon is its detail."""
    return code.partition(":")[0] in CAUSES


def explain(code: str) -> str:
    """One sentence on the cause."""
    base, _, detail = code.partition(":")
    return CAUSES[base] + (f" ({detail})" if detail else "")
