"""95% intervals: Wilson's for proportions, Byar's for rates of ten events or more, and the exact one below ten.

The methods are those of APHO, *Technical Briefing 3: Commonly used public health statistics and their confidence
intervals* (2008), which English public health profiles follow.
"""

from __future__ import annotations

import math

#: The 97.5th percentile of the normal distribution.
Z = 1.959963984540054

#: Below this many events Byar's approximation is too rough, and the exact interval is used.
BYAR_FROM = 10


def wilson(count: float, of: float) -> tuple[float, float]:
    """The interval of the proportion ``count / of``, both between 0 and 1.

    Wilson's score interval without continuity correction (Newcombe, *Statistics in Medicine* 17, 1998, method 3). Both
    may be fractions, such as the effective number of responses of a weighted survey. Raises ValueError unless
    ``0 <= count <= of`` and ``of`` is above 0.
    """
    if of <= 0 or not 0 <= count <= of:
        raise ValueError("A proportion needs a count from 0 to its base, and a base above 0.")
    share = count / of
    middle = share + Z * Z / (2 * of)
    reach = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    whole = 1 + Z * Z / of
    low, high = (middle - reach) / whole, (middle + reach) / whole
    return (0.0 if count == 0 else low, 1.0 if count == of else high)


def events(count: float) -> tuple[float, float]:
    """The interval of a number of events that come one by one (Poisson): Byar's from ten, exact below ten.

    Raises ValueError for a number below 0.
    """
    if count < 0:
        raise ValueError("A number of events cannot be below 0.")
    if count < BYAR_FROM:
        return exact(count)
    low = count * (1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3
    more = count + 1
    high = more * (1 - 1 / (9 * more) + Z / (3 * math.sqrt(more))) ** 3
    return low, high


def exact(count: float) -> tuple[float, float]:
    """The exact interval of a Poisson count, from the chi-squared distribution (Ulm, *Am J Epidemiol* 131, 1990)."""
    from scipy.stats import chi2

    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count > 0 else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2)) / 2


def rate(count: float, of: float, per: float = 1) -> tuple[float, float]:
    """The interval of ``count / of * per`` where ``count`` are events. ValueError unless ``of`` is above 0."""
    if of <= 0:
        raise ValueError("A rate needs a base above 0.")
    low, high = events(count)
    return low / of * per, high / of * per


def effective(weights: float, squares: float) -> float:
    """The effective number of weighted responses: the squared sum of weights over the sum of squares (Kish, 1965)."""
    return weights * weights / squares if squares else 0.0
