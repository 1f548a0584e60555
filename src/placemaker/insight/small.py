"""Which of the landlord's own counts are withheld, so that nobody can be read or worked out from them.

A count of 1 to ``smallest - 1`` is withheld. So is one that differs by so little from the count of a larger place that
holds it: the landlord's whole stock, another neighbourhood of the same batch, or a published area. And where all
neighbourhoods but one could be taken from the whole, one more is withheld. A publisher's own counts are never hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from placemaker.figure import SMALLEST_COUNT, differencing_unsafe, withhold

#: Above this many pieces of overlapping neighbourhoods the audit by linear programming would take minutes.
_AUDITED = 40


def to_withhold(
    pieces: Mapping[str, int],
    places: Mapping[str, Sequence[str]],
    larger: Sequence[tuple[str, int]] = (),
    smallest: int = SMALLEST_COUNT,
) -> frozenset[str]:
    """The places whose count must be withheld.

    ``pieces`` are counts of parts that do not overlap and together are the whole stock; ``places`` are neighbourhoods
    by the pieces that they are made of. ``larger`` holds, by name of a place, the counts of published places that hold
    it or that it holds. The count of the whole stock is taken as published.
    """
    counts = {name: sum(pieces[piece] for piece in made_of) for name, made_of in places.items()}
    whole = sum(pieces.values())
    hidden = {name for name, count in counts.items() if 0 < count < smallest}
    for name, count in counts.items():
        if differencing_unsafe(whole, count, smallest):
            hidden.add(name)
    for name, count in larger:
        if differencing_unsafe(max(count, counts[name]), min(count, counts[name]), smallest):
            hidden.add(name)
    made_of = {name: frozenset(made) for name, made in places.items()}
    if _apart(made_of):
        return frozenset(_hide_beside_the_whole(counts, whole, hidden, smallest))
    hidden |= _hide_nested(counts, made_of, hidden, smallest)
    if len(pieces) <= _AUDITED:
        totals = {f"place {name}": made for name, made in made_of.items()} | {"whole": list(pieces)}
        kept = withhold(dict(pieces), totals, smallest)
        for name, made in made_of.items():
            if f"place {name}" in kept or (len(made) == 1 and next(iter(made)) in kept):
                hidden.add(name)
    return frozenset(hidden)


def _apart(made_of: Mapping[str, frozenset[str]]) -> bool:
    """Whether no two places share a piece."""
    return sum(map(len, made_of.values())) == len(frozenset().union(*made_of.values()))


def _hide_nested(
    counts: Mapping[str, int], made_of: Mapping[str, frozenset[str]], hidden: set[str], smallest: int
) -> set[str]:
    """The inner of every two places of which one holds the other and the rest is a small count."""
    found = set()
    names = sorted(made_of, key=lambda name: (len(made_of[name]), name))
    for position, inner in enumerate(names):
        for outer in names[position + 1 :]:
            if (
                inner not in hidden
                and outer not in hidden
                and made_of[inner] < made_of[outer]
                and differencing_unsafe(counts[outer], counts[inner], smallest)
            ):
                found.add(inner)
    return found


def _hide_beside_the_whole(counts: Mapping[str, int], whole: int, hidden: set[str], smallest: int) -> set[str]:
    """Withhold further places until those withheld cannot be had by taking the others from the whole.

    The rest of the whole, outside every place, is not published, so it hides with them.
    """
    hidden = set(hidden)
    outside = whole - sum(counts.values())
    spare = sorted((name for name in counts if name not in hidden), key=lambda n: (counts[n] == 0, counts[n], n))
    while hidden and spare:
        rest = outside + sum(counts[name] for name in hidden)
        alone = len(hidden) == 1 and outside == 0
        if not alone and rest >= smallest - 1:
            break
        hidden.add(spare.pop(0))
    return hidden
