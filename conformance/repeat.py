"""What the suite makes of a cell that was asked several times: deterministic or not, and how sure of it. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist, median

from conformance.verdict import Verdict

__all__ = ["confidence", "repeated"]

_DOUBT = 0.05  # of a 95 % confidence interval


def repeated(verdicts: Sequence[Verdict], asked: int) -> Verdict:
    """One verdict for the repeats of a cell, of which `asked` were wanted; fewer when the first failure ended them.

    All end alike: that verdict. Otherwise `flaky`, with the most frequent failure as the cause and, whole, the evidence
    of the first repeat that failed so. Times are those of the median repeat. A repeat without a runtime is none.
    """
    ran = [verdict for verdict in verdicts if verdict.status != "missing"]
    if asked == 1 or not ran or ran[0].status == "unsupported":
        return verdicts[0]
    endings = Counter((verdict.status, verdict.cause) for verdict in ran)
    failures = Counter({ending: count for ending, count in endings.items() if ending[0] != "pass"})
    shown = (failures or endings).most_common(1)[0][0]
    place = next(index for index, verdict in enumerate(ran) if (verdict.status, verdict.cause) == shown)
    failed = failures.total()
    stopped = len(ran) < asked
    low, high = confidence(failed, len(ran), stopped=stopped)
    detail = {
        "repeats": len(ran),
        "failed": failed,
        "rate": [round(low, 6), round(high, 6)],
        **({"asked": asked} if stopped else {}),
        **({"ended": {" ".join(filter(None, ending)): count for ending, count in endings.most_common()}}
           if len(endings) > 1 else {}),
        **({"first": place + 1} if failures else {}),
        **ran[place].detail,
    }  # fmt: skip
    return replace(
        ran[place],
        status="flaky" if len(endings) > 1 else ran[place].status,
        failures=tuple(failures) if len(endings) > 1 else (),
        detail=detail,
        seconds=median(verdict.seconds for verdict in ran),
        call_seconds=median(verdict.call_seconds for verdict in ran),
    )


def confidence(failed: int, repeats: int, *, stopped: bool = False) -> tuple[float, float]:
    """The 95 % confidence interval (0 … 1) of the rate of failures, of which `repeats` showed `failed`.

    `stopped`: the repeats ended because the last one failed, the only one; then their number is what varies, and the
    interval is the exact one of the geometric distribution. Otherwise Wilson's (E. B. Wilson, "Probable inference, the
    law of succession, and statistical inference", Journal of the American Statistical Association 22, 1927).
    """
    if stopped and failed == 1:
        return 1 - (1 - _DOUBT / 2) ** (1 / repeats), 1 - (_DOUBT / 2) ** (1 / (repeats - 1)) if repeats > 1 else 1.0
    z, rate = NormalDist().inv_cdf(1 - _DOUBT / 2), failed / repeats
    spread = z / (1 + z * z / repeats) * math.sqrt(rate * (1 - rate) / repeats + (z / repeats / 2) ** 2)
    middle = (rate + z * z / repeats / 2) / (1 + z * z / repeats)
    return max(0.0, middle - spread), min(1.0, middle + spread)
