"""Which registers made a word what it is: looked up once for a prediction, followed for each person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pathways import words
from pathways.words import Word


@dataclass(frozen=True)
class Deciding:
    """A register, and the parts that decide it if it is made of others; of `Any`, only those that are true."""

    register: int
    parts: tuple[Deciding, ...] = ()
    only_true: bool = False

    def registers(self, values: Sequence[float]) -> Iterator[int]:
        """The registers that decided it, given the values of all."""
        if not self.parts:
            yield self.register
        for part in self.parts:
            if not self.only_true or values[part.register] == 1.0:
                yield from part.registers(values)


def deciding(word: Word, register: Callable[[Word], int]) -> Deciding:
    """All parts of All, the true ones of Any, both sides of a ratio, down to the words that look at records."""
    match word:
        case words.All() | words.Any() | words.Number():
            inner: tuple[Word, ...] = word.words
        case words.Not(word=words.Missing(word=there)):
            inner = (there,)
        case words.Compare() | words.Term():
            inner = (word.word,)
        case words.Difference() | words.Ratio():
            inner = (word.left, word.right)
        case _:
            inner = ()
    parts = tuple(deciding(part, register) for part in inner)
    return Deciding(register(word), parts, isinstance(word, words.Any | words.Number))
