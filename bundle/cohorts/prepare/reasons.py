"""Why a pair is left out: a closed list, each with what to do about it."""

from enum import StrEnum


class Reason(StrEnum):
    """Reasons of the report; the value is the stable name in report.json."""

    NO_NCCT = "no NCCT"
    NO_CTA = "no CTA"
    NO_MASK = "no vessel mask"
    UNKNOWN_PHASE = "contrast phase unknown"
    AMBIGUOUS = "ambiguous"
    DIFFERENT_PERSON = "different persons under one id"
    DIFFERENT_BODY = "different bodies"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported format"
    SYNTHETIC = "synthetic image"
    ORIENTATION = "wrong orientation"
    GEOMETRY = "irregular geometry"
    THICKNESS = "slices too thick"
    THICKNESS_DIFFERS = "thickness differs"
    TOO_FEW_SLICES = "too few slices"
    TOO_MANY_SLICES = "too many slices"
    NO_OVERLAP = "no overlap"
    POSITION_DIFFERS = "position differs"
    NOT_FINITE = "not finite"
    CONSTANT = "constant image"
    NOT_HU = "not in HU"
    NO_ENHANCEMENT = "failed filling"
    SWAPPED = "phases swapped"
    NO_SPACE = "no disk space"
    EXCLUDED = "excluded by list"
    CRASHED = "crashed"
    FAILED = "failed"


ADVICE = {
    Reason.NO_NCCT: "Add the scan, or leave the patient out.",
    Reason.NO_CTA: "Add the scan, or leave the patient out.",
    Reason.NO_MASK: "Pseudo-pairs need a vessel mask beside the CTA, or seeds in a recipe of cohorts.pseudo_pairs.",
    Reason.UNKNOWN_PHASE: "Headers do not show which scan is the NCCT and which the CTA: give the pair in a list.",
    Reason.AMBIGUOUS: "Name the pair in a list.",
    Reason.DIFFERENT_PERSON: "Sex or birth date differ between the scans: correct the ids.",
    Reason.DIFFERENT_BODY: "The scans do not look alike where they overlap: check the pairing, or align them.",
    Reason.UNREADABLE: "The file is damaged, or its compression cannot be read: export it again.",
    Reason.UNSUPPORTED: "Convert it to single-frame DICOM or a 3-D image file.",
    Reason.SYNTHETIC: "Synthetic images cannot be used for training: give the acquired scan.",
    Reason.ORIENTATION: "Give an axial scan without gantry tilt, with its orientation in the header.",
    Reason.GEOMETRY: "Slices are missing, doubled or unevenly spaced: export the series again.",
    Reason.THICKNESS: "Take a thinner reconstruction, or raise max_slice_mm.",
    Reason.THICKNESS_DIFFERS: "Take reconstructions of similar thickness, or raise max_thickness_ratio.",
    Reason.TOO_FEW_SLICES: "Take a longer scan, or lower min_slices.",
    Reason.TOO_MANY_SLICES: "Cut the scan to the region, or raise max_slices.",
    Reason.NO_OVERLAP: "The scans lie at different positions: check the pairing, or align them.",
    Reason.POSITION_DIFFERS: "Both scans show too little of the same body: take scans with more overlap, or lower "
    "min_overlap.",
    Reason.NOT_FINITE: "The image holds NaN or infinite values: export it again.",
    Reason.CONSTANT: "All voxels have the same value: export the image again.",
    Reason.NOT_HU: "The values are not Hounsfield units: store HU, without windowing or scaling.",
    Reason.NO_ENHANCEMENT: "Nothing is enhanced in the CTA: wrong phase, or contrast did not reach the vessels. Give "
    "the arterial phase, or leave the patient out.",
    Reason.SWAPPED: "The NCCT is the enhanced one: swap the patterns, or correct the list.",
    Reason.NO_SPACE: "Free disk space and run again; finished pairs are not made again.",
    Reason.EXCLUDED: "The list of patients excludes this patient.",
    Reason.CRASHED: "Its process died: out of memory (use fewer workers or a smaller scan), or a file whose compressed "
    "pixels are damaged (export the series again).",
    Reason.FAILED: "Unexpected error. Run with --verbose to see the traceback.",
}


class PairRejected(Exception):
    """A pair that cannot be used.

    Args:
        reason: from the closed list.
        detail: figures for the report; no names, ids or paths.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
