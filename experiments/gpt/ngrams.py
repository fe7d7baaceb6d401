"""Characters predicted from the few before them: interpolated Kneser-Ney smoothing (Chen and Goodman, 1999)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

Array = np.ndarray


class Ngrams:
    """Probabilities of the next id from the `order - 1` ids before it.

    Each order takes a discount from every count and gives what is left over to the order below. The highest order
    counts occurrences, the lower ones count in how many different contexts an id occurs (Kneser and Ney, 1995). Below
    the lowest all ids are equally likely. A discount is n_1 / (n_1 + 2 n_2), where n_c ids have the count c.
    """

    def __init__(self, texts: Sequence[Sequence[int]], order: int, size: int) -> None:
        """Count the texts; each begins with an id that is given and not predicted."""
        self.order, self.size = order, size
        highest: defaultdict[tuple, Counter] = defaultdict(Counter)
        begun: list[defaultdict[tuple, Counter]] = [defaultdict(Counter) for _ in range(order)]
        for text in texts:
            ids = tuple(int(n) for n in text)
            for place in range(1, len(ids)):
                context = ids[max(0, place - order + 1) : place]
                full = len(context) == order - 1
                # At the beginning of a text there is no longer context: there an occurrence is all that can be counted.
                (highest if full else begun[len(context)])[context][ids[place]] += 1
        self.counts = {order - 1: highest}
        for length in range(order - 2, -1, -1):
            above, own = self.counts[length + 1], begun[length]
            for context, following in above.items():
                own[context[1:]].update(following.keys())
            self.counts[length] = own
        self.discounts = {length: discount(table) for length, table in self.counts.items()}

    def probabilities(self, context: Sequence[int]) -> Array:
        """Return the probabilities (V,) of the id after a context of any length."""
        wanted = tuple(int(n) for n in context)[max(0, len(context) - self.order + 1) :]
        p = np.full(self.size, 1 / self.size)
        for length in range(len(wanted) + 1):
            following = self.counts[length].get(wanted[len(wanted) - length :])
            if following:
                own = np.zeros(self.size)
                own[list(following)] = list(following.values())
                total, cut = own.sum(), self.discounts[length]
                p = (np.maximum(own - cut, 0) + cut * len(following) * p) / total
        return p

    def losses(self, text: Sequence[int]) -> list[float]:
        """Return minus the logarithm of the probability of each id of a text but the first."""
        return [-float(np.log(self.probabilities(text[:place])[text[place]])) for place in range(1, len(text))]

    def seen(self, texts: Sequence[Sequence[int]]) -> float:
        """Return the share of places in texts whose whole context has been counted."""
        places = [(text, place) for text in texts for place in range(1, len(text))]
        contexts = (tuple(int(n) for n in text[max(0, place - self.order + 1) : place]) for text, place in places)
        return sum(context in self.counts[len(context)] for context in contexts) / len(places)


def discount(table: dict[tuple, Counter]) -> float:
    """Return what is taken from every count of an order."""
    found = Counter(count for following in table.values() for count in following.values())
    return found[1] / max(1, found[1] + 2 * found[2])
