"""Random things put together of random parts, as Hypothesis' strategies are, but each choice is as likely as another.

Hypothesis favours what is short and simple, and a rule that engines could differ about is neither. Here it only chooses
the seed.
"""


class Some:
    """Something random: ``make`` takes a ``random.Random`` and gives one of the things."""

    def __init__(self, make):
        self.make = make

    def map(self, function):
        return Some(lambda rng: function(self.make(rng)))

    def flatmap(self, function):
        return Some(lambda rng: function(self.make(rng)).make(rng))

    def __or__(self, other):
        return one_of(self, other)


def one_of(*options):
    return Some(lambda rng: rng.choice(options).make(rng))


def sampled_from(values):
    values = list(values)
    return Some(lambda rng: rng.choice(values))


def just(value):
    return Some(lambda rng: value)


def none():
    return just(None)


def booleans():
    return sampled_from([False, True])


def integers(least, most):
    return Some(lambda rng: rng.randint(least, most))


def tuples(*parts):
    return Some(lambda rng: tuple(part.make(rng) for part in parts))


def builds(function, *parts):
    return tuples(*parts).map(lambda values: function(*values))


def lists(part, min_size, max_size):
    return Some(lambda rng: [part.make(rng) for _ in range(rng.randint(min_size, max_size))])


def text(letters, max_size):
    return lists(sampled_from(letters), 0, max_size).map("".join)


def fixed_dictionaries(parts):
    return Some(lambda rng: {name: part.make(rng) for name, part in parts.items()})
