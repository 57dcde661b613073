"""Options of a preparation: where the pairs are, what is known of the patients, how they are split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohorts.prepare.layouts import AUTO, Layout
from cohorts.prepare.split import Amounts, check_amounts

DEFAULT_SPLIT: Mapping[str, float] = {"training": 0.7, "validation": 0.15, "test": 0.15}


@dataclass(frozen=True)
class SearchOptions:
    """Where the pairs of a source are.

    Attributes:
        layout: one of `layouts.LAYOUTS`, or the first that gives a pair.
        ncct_patterns, cta_patterns, mask_patterns: own patterns (see patterns.py) in place of a layout; one, several
            or None.
        pairs_list: list of pairs (see lists.py) in place of both.
    """

    layout: str = AUTO
    ncct_patterns: str | Sequence[str] | None = ()
    cta_patterns: str | Sequence[str] | None = ()
    mask_patterns: str | Sequence[str] | None = ()
    pairs_list: str | Path | None = None

    def own_layout(self) -> Layout | None:
        """The layout of own patterns, None without any.

        Raises:
            ValueError: when they are not enough for a pair.
        """
        given = (self.ncct_patterns, self.cta_patterns, self.mask_patterns)
        ncct, cta, masks = ((each,) if isinstance(each, str) else tuple(each or ()) for each in given)
        if not (ncct or cta or masks):
            return None
        if not cta or not (ncct or masks):
            raise ValueError("Give a pattern of the CTA, and with it a pattern of the NCCT or of the masks.")
        return Layout(ncct, cta, masks)


@dataclass(frozen=True)
class PatientOptions:
    """What is known of the patients.

    Attributes:
        listed: list (see lists.py) of region, label, split and exclusion of patients.
        region, label: of every patient of whom nothing else is known.
        keep_ids: name cases by the source's ids; for public data only.
    """

    listed: str | Path | None = None
    region: str | None = None
    label: str | None = None
    keep_ids: bool = False


@dataclass(frozen=True)
class SplitOptions:
    """How patients are split.

    Attributes:
        amounts: shares or numbers; see `split.split_patients`.
        seed: of the draw.
        resplit: draw the split of all patients again, even of those who have one from an earlier run.
    """

    amounts: Amounts = field(default_factory=lambda: dict(DEFAULT_SPLIT))
    seed: int = 0
    resplit: bool = False

    def __post_init__(self) -> None:
        check_amounts(self.amounts)
