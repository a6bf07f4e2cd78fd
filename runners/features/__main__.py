"""Makes features.json out of the texts, with wasmtime's `wat2wasm`.

python -m runners.features            # compare features.json with the texts: exit code 1 where they differ
python -m runners.features --write
"""

from __future__ import annotations

import base64
import json
import sys

from wasmtime import wat2wasm

from runners.features import FEATURES, HERE, PATH, PROVIDER


def main(arguments: list[str]) -> int:
    """Writes features.json, or tells whether it is as the texts say."""
    names = [PROVIDER, *(name for name, feature in FEATURES.items() if not feature.api)]
    modules = {name: bytes(wat2wasm((HERE / f"{name}.wat").read_text("utf-8"))) for name in names}
    text = json.dumps({name: base64.b64encode(wasm).decode() for name, wasm in modules.items()}, indent=2) + "\n"
    if arguments == ["--write"]:
        PATH.write_text(text, "utf-8")
    elif PATH.read_text("utf-8") != text:
        print("features.json is not what its texts give: python -m runners.features --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
