"""What a reply says, and beside it when that is true. Pure.

Rules choose a claim and fill its gaps. Whether it is true of what it is said of is asked by
tests alone, so that a rule and its claim check each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Claim:
    """A sentence or two about a wrong fill.

    Args:
        sentence: the text, with gaps in braces.
        holds: whether it is true of two values, the given and the wanted one, or of a case;
            it is given the gaps as well.
        known: whether the koan foresaw the fill, so that the words are the koan's own.
    """

    sentence: str
    holds: Callable[..., object]
    known: bool = False

    def __call__(self, **gaps: object) -> Reply:
        """Return the reply with these words in the gaps."""
        return Reply(self, gaps)


@dataclass(frozen=True)
class Reply:
    """A claim with its gaps filled; another reply may stand in one."""

    claim: Claim
    gaps: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.claim.sentence.format(**self.gaps)

    @property
    def text(self) -> str:
        """What is said."""
        return str(self)

    @property
    def known(self) -> bool:
        """Whether the koan foresaw the fill."""
        return self.claim.known

    def is_true_of(self, *subject: object) -> bool:
        """Whether it is true of two values, or of a case."""
        return bool(self.claim.holds(*subject, **self.gaps))
