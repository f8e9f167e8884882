"""What is said of single segments."""

from dohyo.decision.segments import Part, Segments
from dohyo.reports.page import digits
from dohyo.reports.segment_series import called
from dohyo.words import Words

MOST_NAMED = 3


def harmed_sentences(found: Segments, words: Words) -> tuple[str, ...]:
    """Return a sentence for each of the surest losses, and how many more there are."""
    told = [
        segment_sentence(
            "segments.harmed_hidden" if part.whole > 0 else "segments.harmed", part, words
        )
        for part in found.harmed[:MOST_NAMED]
    ]
    rest = len(found.harmed) - len(told)
    return (*told, words("segments.harmed_more", count=rest)) if rest else tuple(told)


def segment_sentence(key: str, part: Part, words: Words) -> str:
    """Return a sentence about one figure of one segment, filled in."""
    change = part.change
    return words(
        key,
        segment=called(part.segment, words),
        count=f"{len(part.segment.groups):,}",
        figure=words.name(part.figure),
        protocol=words.name(part.protocol),
        change=digits.figure(change, signed=True),
        interval=digits.interval(change, words, signed=True),
        whole=digits.number(part.whole, digits.decimals(change), signed=True),
        p=digits.chance_of(change.p_holm),
    )
