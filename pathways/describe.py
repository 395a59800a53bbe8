"""Words of a pathway as English, for reasons, attrition tables and protocol pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pathways import words
from pathways.definition import word_levels
from pathways.words import Birth, Index, Look, Share, Span, Stream, Window, Word

_HOW = {"below": "below", "at_least": "at least", "above": "above", "at_most": "at most", "equals": "equal to"}
_LOOKS = {
    words.Has: "a record of {0}",
    words.Count: "the number of records of {0}",
    words.Latest: "the latest {0}",
    words.Earliest: "the earliest {0}",
    words.Since: "the time since {0}",
    words.Mean: "the mean {0}",
    words.Median: "the median {0}",
    words.Highest: "the highest {0}",
    words.Lowest: "the lowest {0}",
    words.Spread: "the spread of {0}",
    words.Total: "the total of {0}",
    words.Slope: "the change per year of {0}",
    words.Covered: "the time covered by {0}",
    words.Nearest: "the {0} nearest an age",
}


def describe(word: Word) -> str:  # noqa: C901 - one match over a closed union
    """A word as a phrase: "age at least 18", "no record of dialysis"."""
    match word:
        case words.Criterion():
            return describe(word.holds)
        case words.Term():
            return word.name
        case words.All():
            return " and ".join(_grouped(part) for part in word.words)
        case words.Any():
            return _any(word)
        case words.Number():
            return "how many hold of " + ", ".join(describe(part) for part in word.words)
        case words.Not(word=words.Missing(word=there)):
            return describe(there)
        case words.Not():
            return _not(word.word)
        case words.Missing():
            return "no " + describe(word.word).removeprefix("a ").removeprefix("the ")
        case words.Compare():
            return f"{describe(word.word)} is {_compared(word)}"
        case words.Choice():
            return "the first that holds of: " + ", ".join(level for _, level in word.parts)
        case words.Difference():
            return f"{describe(word.left)} less {describe(word.right)}"
        case words.Ratio():
            return f"{describe(word.left)} over {describe(word.right)}"
        case words.Age():
            return "age" if word.unit == "years" else "age in months"
        case words.Observed():
            return "days of prior observation"
        case words.Calendar():
            return word.which
        case words.Person():
            return word.which
        case words.Confirmed():
            return _confirmed(word)
        case words.Dose():
            return _dose(word)
        case _:
            last = "" if word.pick.last is None else f"of the last {word.pick.last} records of "
            return _LOOKS[type(word)].format(last + stream_name(word.of)) + _value(word) + window(word.window)


def stream_name(stream: Stream) -> str:
    """What a stream is called to a reader: a formula by its title."""
    return stream.title if isinstance(stream, words.Formula) else stream.name


def brief(word: Word) -> str:
    """A word as a phrase, without the exact days of its windows."""
    return re.sub(r" \([\d,]+ days\)", "", describe(word))


def _not(word: Word) -> str:
    if isinstance(word, Look):
        return "no " + describe(word).removeprefix("a ")
    return f"not {describe(word)}" if isinstance(word, words.Term) else f"not ({describe(word)})"


def _any(word: words.Any) -> str:
    """Records of the same window are told together: "a record of gout or lupus in the 2 years before"."""
    together: dict[object, list[Word]] = {}
    for part in _flat(word):
        key = (part.window, part.pick) if isinstance(part, words.Has) else part
        together.setdefault(key, []).append(part)
    return " or ".join(
        _records(parts) if isinstance(parts[0], words.Has) else _grouped(parts[0]) for parts in together.values()
    )


def _flat(word: Word) -> Iterator[Word]:
    if isinstance(word, words.Any):
        for part in word.words:
            yield from _flat(part)
    else:
        yield word


def _records(parts: Sequence[Word]) -> str:
    looks = [part for part in parts if isinstance(part, words.Has)]
    names = [stream_name(look.of) for look in looks]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"a record of {listed}{_value(looks[0])}{window(looks[0].window)}"


def _grouped(part: Word) -> str:
    return f"({describe(part)})" if isinstance(part, words.All | words.Any) else describe(part)


def _compared(word: words.Compare) -> str:
    levels = word_levels(word.word)
    if word.how == "equals" and word.limit in range(len(levels)):
        return levels[int(word.limit)]
    return f"{_HOW[word.how]} {word.limit:g}"


def _limit(limit: float | Share) -> str:
    return f"{limit.share:.0%} of {describe(limit.of)}" if isinstance(limit, Share) else f"{limit:g}"


def _value(word: Look) -> str:
    parts = []
    told = isinstance(word.of, words.Formula) and word.of.name == "above" and word.of.title != "above"
    if word.pick.at_least is not None and not told:  # the title of a stream of yes and no says it already
        parts.append(f" of at least {_limit(word.pick.at_least)}")
    if word.pick.below is not None:
        parts.append(f" below {_limit(word.pick.below)}")
    if word.pick.at_most is not None:
        parts.append(f" of at most {_limit(word.pick.at_most)}")
    return " and".join(parts)


def _confirmed(word: words.Confirmed) -> str:
    apart = f"{_several(word.pick.apart or 1, 'day')} or more apart"
    within = f" and at most {word.within}" if word.within is not None else ""
    between = f", and every value between them{_value(word)} too" if word.unbroken else ""
    return f"two records of {stream_name(word.of)}{_value(word)}, {apart}{within}{between}"


_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def _dose(word: words.Dose) -> str:
    """A dose with what makes it valid, so that its page says which doses count."""
    number = f"{_ORDINALS[word.n - 1]} valid " if 1 < word.n <= len(_ORDINALS) else "valid "
    ages = [span(age) for age in word.minimum_ages]
    old = f" from the age of {' and '.join(ages)} on" if len(ages) == 1 else ""
    if len(ages) > 1:
        old = f" from the ages of {' and '.join(ages)} on, dose by dose"
    apart = f", {_several(word.interval, 'day')} or more after the valid one before" if word.n > 1 else ""
    return f"a {number}dose of {stream_name(word.of)}{old}{apart}{window(word.window)}"


def span(length: Span) -> str:
    """A length of time in words: "9 months", "5 years (1,826 days)"."""
    if length.months and not length.months % 12 and not length.days:
        return _several(length.months // 12, "year")
    if length.months:
        return _several(length.months, "month") + (f" and {_several(length.days, 'day')}" if length.days else "")
    number, exact = round(length.days / 365.25), _several(length.days, "day")
    whole = length.days >= 365 and abs(length.days - 365.25 * number) <= 1
    return f"{_several(number, 'year')} ({exact})" if whole else exact


def _several(number: int, unit: str) -> str:
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def window(window: Window) -> str:
    """A window in words, "" for ever before the index date."""
    if isinstance(window.anchor, Index):
        if window.after_index:
            return " after the index date"
        if window.from_ is None:
            return "" if window.until is None else f" until {span(_positive(window.until))} before"
        until = "" if not window.until or window.until == Span() else f" until {span(_positive(window.until))} before"
        return f" in the last {span(_positive(window.from_)).removeprefix('1 ')}{until}"
    if isinstance(window.anchor, Birth):
        if window.from_ is not None and window.until is not None:
            return f" between the ages of {span(window.from_)} and {span(window.until)}"
        return " counted from birth"
    return " since another day" if not hasattr(window.anchor, "isoformat") else f" since {window.anchor.isoformat()}"


def _positive(length: Span) -> Span:
    return Span(-length.months, -length.days)
