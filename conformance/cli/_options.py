"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance.config import MatrixConfig, default_matrix, load_config
from runners.runtime import Target

__all__ = ["chosen_targets", "matrix_option", "store_option", "write"]

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

matrix_option: _Decorator = click.option(
    "--matrix", type=click.Path(path_type=Path), default=default_matrix,
    show_default="matrix.yaml here, else the suite's own", help="The matrix to use.",
)  # fmt: skip
store_option: _Decorator = click.option(
    "--store", type=click.Path(path_type=Path, dir_okay=False), default=Path(".wasm-matrix/store.sqlite"),
    show_default=True, help="The file that keeps all runs.",
)  # fmt: skip


def chosen_targets(matrix: Path, names: tuple[str, ...]) -> tuple[MatrixConfig, list[Target]]:
    """The targets that were named (a browser's bare name: under each profile of the matrix), or all of the matrix.

    Raises ConfigError, UnknownTarget.
    """
    config = load_config(matrix)
    return config, config.chosen(names)


def write(path: Path, text: str | None = None) -> None:
    """Writes a file that the user named, and its folders; without a text, only makes sure that it could.

    Raises click.UsageError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if text is None else "w", encoding="utf-8") as file:
            file.write(text or "")
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be written: {error.strerror}") from error
