"""Layouts of known data sets, and the search for the one that a source has."""

import csv
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cohorts.prepare.candidates import Candidate, Scan
from cohorts.prepare.dicom_tree import pair_tree
from cohorts.prepare.patterns import Tree, find, read_tree
from cohorts.prepare.reasons import PairRejected, Reason

logger = logging.getLogger(__name__)

_NCCT_NAMES = "{ncct,native,nativ,noncontrast,non-contrast,non_contrast,plain}"
_BIDS_WITHOUT_SPACE = re.compile(r"sub-[^/]+_(?:ncct|cta)\.nii", re.IGNORECASE)
_CTA_NAMES = "{cta,arterial,angio,contrast}"


@dataclass(frozen=True)
class Layout:
    """Where the scans of a data set lie, as patterns (see patterns.py).

    Attributes:
        ncct, cta: alternatives for each scan; without `ncct` the set has CTA with vessel masks only.
        masks: vessel masks on the CTA.
        region: of all its patients.
        split_files: CSV files of the set that name the patients of a split.
    """

    ncct: tuple[str, ...]
    cta: tuple[str, ...]
    masks: tuple[str, ...] = ()
    region: str | None = None
    split_files: Mapping[str, str] = field(default_factory=dict)


def _by_phase(names: str) -> tuple[str, ...]:
    """One folder a phase, or one folder a patient, with image files or DICOM folders in it."""
    places = (f"**/{names}/{{patient}}", f"**/{{patient}}/{names}")
    return tuple(f"{place}{ending}" for place in places for ending in ("{ext}", ""))


LAYOUTS = {
    "coltea": Layout(  # Coltea-Lung-CT-100W
        ("**/{patient}/NATIVE/DICOM",),
        ("**/{patient}/ARTERIAL/DICOM",),
        region="chest",
        split_files={"training": "train_data.csv", "validation": "eval_data.csv", "test": "test_data.csv"},
    ),
    "isles24": Layout(("**/{patient}_ses-*_ncct{ext}",), ("**/{patient}_ses-*_space-ncct_cta{ext}",), region="head"),
    "paper": Layout(("{patient}/**/SE0",), ("{patient}/**/SE1",)),
    "nnunet": Layout(("**/{patient}_0000{ext}",), ("**/{patient}_0001{ext}",)),
    "waw-tace": Layout(("**/{patient}_0{ext}",), ("**/{patient}_1{ext}",), region="abdomen"),
    "phases": Layout(_by_phase(_NCCT_NAMES), _by_phase(_CTA_NAMES)),
    "aortaseg24": Layout((), ("**/images/{patient}_CTA{ext}",), ("**/masks/{patient}_label{ext}",), region="abdomen"),
    "topcow": Layout(
        (), ("**/imagesTr/topcow_ct_{patient}_0000{ext}",), ("**/*labelsTr/topcow_ct_{patient}{ext}",), region="head"
    ),
    "avt": Layout((), ("**/{patient}/{patient}{ext}",), ("**/{patient}/{patient}.seg{ext}",)),
}

DICOM = "dicom"
AUTO = "auto"


def discover(source: Path, name: str = AUTO, own: Layout | None = None) -> tuple[str, list[Candidate]]:
    """Find the candidates of a source.

    Args:
        source: folder.
        name: a key of `LAYOUTS`, "dicom" for a tree of any shape that is paired by its headers, or "auto" for the
            first layout that gives a pair, else "dicom".
        own: patterns of the user's own, in place of a named layout.

    Returns:
        The layout's name and one candidate a patient, sorted by id; incomplete ones say what is missing.

    Raises:
        ValueError: the layout is unknown, or nothing is found by it.
    """
    if own is None and name not in (AUTO, DICOM, *LAYOUTS):
        raise ValueError(f"Unknown layout {name!r}. Choose one of {', '.join((AUTO, DICOM, *LAYOUTS))}.")
    if own is None and name == DICOM:
        candidates = pair_tree(source)
    else:
        tree = read_tree(source)
        choice = {"own patterns": own} if own else LAYOUTS if name == AUTO else {name: LAYOUTS[name]}
        name, candidates = _first_with_a_pair(tree, choice)
        if own is None and len(choice) > 1 and not name:
            name, candidates = DICOM, pair_tree(source)
            if not candidates:
                name, candidates = _first_that_is_ambiguous(tree, choice)
    if not candidates:
        raise ValueError(
            f"The layout {name!r} finds no scan. Give another layout, patterns, or a list of pairs.{_hint(source)}"
        )
    return name, [candidate.checked() for candidate in sorted(candidates, key=lambda candidate: candidate.patient)]


def _first_with_a_pair(tree: Tree, choice: Mapping[str, Layout]) -> tuple[str, list[Candidate]]:
    """The first layout with a complete candidate; no name and the last layout's candidates when there is none."""
    candidates: list[Candidate] = []
    for name, layout in choice.items():
        candidates = _candidates(tree, layout)
        if any(candidate.checked().rejected is None for candidate in candidates):
            return name, candidates
    return "", candidates


def _first_that_is_ambiguous(tree: Tree, choice: Mapping[str, Layout]) -> tuple[str, list[Candidate]]:
    """The first layout that finds a scan more than once, so that the report can mention it."""
    for name, layout in choice.items():
        candidates = _candidates(tree, layout)
        if any(candidate.rejected and candidate.rejected.reason is Reason.AMBIGUOUS for candidate in candidates):
            return name, candidates
    return DICOM, []


def _hint(source: Path) -> str:
    """What is known of a source that no layout fits."""
    if any(_BIDS_WITHOUT_SPACE.search(name) for name in read_tree(source).files):
        return (
            " The names look like BIDS without `space-`, so it is not known whether both scans are on one grid. To "
            "use them: --ncct-pattern '**/{patient}_ses-*_ncct{ext}' --cta-pattern '**/{patient}_ses-*_cta{ext}'"
        )
    return ""


def _candidates(tree: Tree, layout: Layout) -> list[Candidate]:
    ncct, cta, masks = (find(tree, patterns) for patterns in (layout.ncct, layout.cta, layout.masks))
    if not layout.ncct:
        cta = {patient: paths for patient, paths in cta.items() if patient in masks} if masks else {}
    splits = _splits(tree, layout, [*ncct, *cta])
    return [
        _candidate(patient, ncct.get(patient, []), cta.get(patient, []), masks.get(patient, []), layout, splits)
        for patient in {**ncct, **cta}
    ]


def _candidate(
    patient: str, ncct: list[Path], cta: list[Path], masks: list[Path], layout: Layout, splits: dict[str, str]
) -> Candidate:
    candidate = Candidate(
        patient,
        Scan(ncct[0]) if ncct else None,
        Scan(cta[0]) if cta else None,
        tuple(masks),
        layout.region,
        split=splits.get(patient),
    )
    for role, paths in (("NCCT", ncct), ("CTA", cta)):
        # patterns that go together may find a folder and its parent: the first is meant
        if len({path for path in paths if not any(path in other.parents for other in paths)}) > 1:
            return replace(candidate, rejected=PairRejected(Reason.AMBIGUOUS, f"{len(paths)} files of {role}"))
    return candidate


def _splits(tree: Tree, layout: Layout, patients: list[str]) -> dict[str, str]:
    """Split of each patient whose id is a cell, or a part of a path in a cell, of one of the set's CSV files."""
    splits: dict[str, str] = {}
    for split, file_name in layout.split_files.items():
        for name in (name for name in tree.files if name.rsplit("/", 1)[-1] == file_name):
            with (tree.root / name).open(newline="", encoding="utf-8-sig") as file:
                parts = {part for row in csv.reader(file) for cell in row for part in cell.strip().split("/")}
            splits |= {patient: split for patient in patients if patient in parts}
    return splits
