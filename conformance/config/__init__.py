"""matrix.yaml: what the user edits, validated. Each error says file, line, key and what was perhaps meant."""

from __future__ import annotations

from conformance.config._expectation import Expectation
from conformance.config._faults import ConfigError
from conformance.config._matrix import MatrixConfig
from conformance.config._own import OwnCase, OwnModule, OwnTarget
from conformance.config._read import default_matrix, load_config, load_steps

__all__ = [
    "ConfigError", "Expectation", "MatrixConfig", "OwnCase", "OwnModule", "OwnTarget", "default_matrix", "load_config",
    "load_steps",
]  # fmt: skip
