"""`python -m runners.check [--only TEXT] [--scripts N] COMMAND…`: one line a clause, 0 when the runner keeps all."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from runners.check import CLAUSES, Bench, NotApplicable, Violation
from runners.session import RunnerFailed

__all__ = ["main"]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """0: all kept (or not applicable); 1: some broken; 2: wrong usage, or a runner that does not start."""
    parser = argparse.ArgumentParser("python -m runners.check", description="Asks a runner each clause of PROTOCOL.md.")
    parser.add_argument("--only", metavar="TEXT", default="", help="only the clauses whose id contains this")
    parser.add_argument("--scripts", type=int, default=10_000, metavar="N", help="for lifetime/ten-thousand-scripts")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND…", help="the runner's command line")
    options = parser.parse_args(arguments)
    if not options.command:
        parser.error("the runner's command line is wanted")
    counts = {"ok": 0, "FAIL": 0, "n/a": 0}
    # A runner is started in its scratch folder, so what is a file here is named whole.
    command = [str(Path(part).absolute()) if "/" in part and Path(part).exists() else part for part in options.command]
    with Bench(command, repeats=options.scripts) as bench:
        try:
            hello = bench.hello
        except RunnerFailed as failure:
            sys.stderr.write(f"the runner {failure}\n{failure.stderr}\n")
            return 2
        _say(f"{hello.runtime} {hello.version}: {' '.join(sorted(hello.features))}")
        for clause in CLAUSES:
            if options.only not in clause.id:
                continue
            start, why = time.perf_counter(), ""
            try:
                clause.ask(bench)
                verdict = "ok"
            except NotApplicable as reason:
                verdict, why = "n/a", f": {reason}"
            except (Violation, RunnerFailed) as violation:
                verdict, why = "FAIL", f"\n       {violation}"
            counts[verdict] += 1
            _say(f"{verdict:4} {clause.id:32} {time.perf_counter() - start:6.2f} s  {clause.says}{why}")
    _say(f"{counts['ok']} kept, {counts['FAIL']} broken, {counts['n/a']} not applicable")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
