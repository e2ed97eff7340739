"""Whether one source, or two, make up too much of a sum of amounts, or k − 1 of them could guess another's.

Hundepool et al. 2012, chapter 4: the (n,k) rule for n = 1 and 2, and the p% rule, here against a coalition of k − 1
where the literature's intruder is one respondent.
"""

from __future__ import annotations

from collections.abc import Iterable

from disclosure.asking import Amount
from disclosure.rule import Rule


def dominated(amounts: Iterable[Amount], rule: Rule) -> bool:
    """Whether the sum of these amounts (each ≥ 0) says too much of one of them.

    The worst coalition against the largest amount are the k − 1 next: what the rest sums to is all that hides it.
    Against any smaller amount more is left, and less to hide. A sum of nothing but zeros tells each of them.
    """
    ordered = sorted(amounts, reverse=True)
    total = sum(ordered)
    if not total:
        return True
    return (
        ordered[0] * 100 > total * rule.one
        or sum(ordered[:2]) * 100 > total * rule.two
        or sum(ordered[rule.k :]) * 100 < ordered[0] * rule.margin
    )
