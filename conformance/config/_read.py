"""Reads matrix.yaml, and files of steps."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conformance.config._faults import ConfigError, faults
from conformance.config._matrix import MatrixConfig
from conformance.steps import Step

__all__ = ["default_matrix", "load_config", "load_steps"]


def load_config(path: Path) -> MatrixConfig:
    """Reads and validates a matrix.yaml; the files that it names are not read. Raises ConfigError."""
    data = _yaml(path)
    if not isinstance(data, CommentedMap):
        raise ConfigError(f"{path}:1: a mapping is wanted, with the key `targets` at least")
    expectations = data.get("expectations")
    for index, entry in enumerate(expectations if isinstance(expectations, CommentedSeq) else ()):
        if isinstance(entry, CommentedMap) and "line" not in entry:
            entry["line"] = expectations.lc.item(index)[0] + 1
    try:
        config = MatrixConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError(faults(path, data, error)) from error
    return config.read_from(path, data)


def load_steps(path: Path) -> tuple[Step, ...]:
    """Reads a YAML file that holds a list of steps in their short form. Raises ConfigError."""
    data = _yaml(path)
    if not isinstance(data, CommentedSeq):
        raise ConfigError(f"{path}:1: a list of steps is wanted")
    try:
        return TypeAdapter(tuple[Step, ...]).validate_python(tuple(data))
    except ValidationError as error:
        raise ConfigError(faults(path, data, error)) from error


def _yaml(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        return YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not YAML: {error.problem}") from error
    except YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error


def default_matrix() -> Path:
    """The matrix.yaml to use: the one in the working folder, else the one that comes with the suite."""
    here = Path("matrix.yaml")
    if here.is_file():
        return here
    package = Path(__file__).parents[1]
    packaged = package / "matrix.yaml"
    return packaged if packaged.is_file() else package.with_name("matrix.yaml")
