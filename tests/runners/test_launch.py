"""A runner of ours in an environment that has nothing of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LAUNCH = Path(__file__).parents[2] / "runners" / "_launch.py"


def _run(*arguments: str, launch: Path = LAUNCH) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-B", str(launch), *arguments], capture_output=True, text=True, timeout=30, input=""
    )


@pytest.mark.parametrize("arguments", [(), ("../x",), ("",)])
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    """Without the name of a family it says how it is used, and ends with 2."""
    seen = _run(*arguments)
    assert seen.returncode == 2
    assert "usage" in seen.stderr


def test_only_its_own_package_is_seen(tmp_path: Path) -> None:
    """`runners` is the folder of the launcher, and what lies beside that folder cannot be imported."""
    package = tmp_path / "somewhere" / "runners"
    (package / "toy").mkdir(parents=True)
    (package / "_launch.py").write_bytes(LAUNCH.read_bytes())
    (package / "__init__.py").write_text("")
    (tmp_path / "somewhere" / "beside.py").write_text("")
    (package / "toy" / "__init__.py").write_text("")
    (package / "toy" / "__main__.py").write_text(
        "import importlib.util, runners\n"
        "def main(options):\n"
        "    print(runners.__file__, importlib.util.find_spec('beside'), options)\n"
        "    return 7\n"
    )
    seen = _run("toy", "--cache", "x", launch=package / "_launch.py")
    assert (seen.returncode, seen.stderr) == (7, "")
    assert seen.stdout.split("\n")[0] == f"{package / '__init__.py'} None ['--cache', 'x']"
