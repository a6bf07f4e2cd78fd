"""Tests of one group run in one worker of xdist, so that what they share starts once; and --lf finds them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = """
import os, pathlib, pytest
@pytest.mark.parametrize("n", range(8))
@pytest.mark.xdist_group("one")
def test_it(n):
    pathlib.Path(__file__).with_name(os.environ["PYTEST_XDIST_WORKER"]).touch()
    assert n
"""


def test_a_group_has_one_worker_and_its_failure_is_found_again(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(Path(__file__).with_name("conftest.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_it.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", str(tmp_path)]
    for more, said in (([], "1 failed, 7 passed"), (["--lf"], "1 failed in")):
        done = subprocess.run([*command, *more], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert said in done.stdout, done.stdout + done.stderr
        workers = list(tmp_path.glob("gw*"))
        assert len(workers) == 1
        workers[0].unlink()  # a second run may begin with the other one
