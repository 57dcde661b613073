"""What is measured: title, format and definition of every measure, as tables show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Group = Literal["image", "lumen", "vessels"]


@dataclass(frozen=True)
class Measure:
    """A measure of `scripts.evaluation.scores`.

    Attributes:
        key: its key in scores.
        title: heading of its column, with the unit.
        style: format of its numbers.
        better: which values are better.
        group: table that it belongs to.
        definition: what it is, with range and mask.
    """

    key: str
    title: str
    style: str
    better: Literal["higher", "lower", "near 0", "near 1"]
    group: Group
    definition: str


MEASURES = (
    Measure("mae_hu", "MAE, HU", ".1f", "lower", "image", "mean absolute difference inside the body"),
    Measure("nmae", "NMAE", ".4f", "lower", "image", "MAE over the data range"),
    Measure("psnr_db", "PSNR, dB", ".2f", "higher", "image", "peak signal-to-noise ratio inside the body"),
    Measure("ssim", "SSIM", ".4f", "higher", "image", "3-D window of 7 voxels, its map averaged inside the body"),
    Measure(
        "ms_ssim", "MS-SSIM", ".4f", "higher", "image",
        "axial slices, window of 7 pixels, 5 scales, -1024 HU outside the body, mean over slices",
    ),
    Measure(
        "z_consistency", "z-consistency", ".2f", "near 1", "image",
        "mean absolute difference of neighbouring slices inside the body, synthetic over real",
    ),
    Measure(
        "lumen_error_hu", "lumen error, HU", ".1f", "lower", "lumen",
        "mean absolute difference over the voxels of the arterial lumen; it holds the noise of both scans",
    ),
    Measure("lumen_bias_hu", "lumen bias, HU", ".1f", "near 0", "lumen", "mean of the lumen, synthetic minus real"),
    Measure(
        "vessel_error_hu", "vessel error, HU", ".1f", "lower", "lumen",
        "absolute difference of a vessel's mean HU, mean over the vessels (labels of the lumen file, or connected "
        "parts of the lumen of 100 mm3 or more)",
    ),
    Measure(
        "enhancement_recovery", "recovery", ".2f", "near 1", "lumen",
        "(synthetic - NCCT) over (real - NCCT), of the means in the lumen",
    ),
    Measure(
        "contrast_to_noise", "CNR", ".1f", "higher", "lumen",
        "mean of lumen minus mean of muscle, over the standard deviation of muscle; muscle: body tissue that does not "
        "enhance, 20 to 90 HU in the smoothed NCCT, 3 to 20 mm from the lumen",
    ),
    Measure("contrast_to_noise_ratio", "CNR, of real", ".2f", "near 1", "lumen", "CNR, synthetic over real"),
    Measure(
        "lumen_z_consistency", "z-consistency, lumen", ".2f", "near 1", "lumen", "z-consistency inside the lumen"
    ),
    Measure(
        "vessel_dice", "vessel Dice", ".3f", "higher", "vessels",
        "Dice of the vessels of synthetic and real, both segmented alike: {threshold_hu:g} HU or more and at least "
        "100 HU above the NCCT, within {margin_mm:g} mm of the lumen, other enhancing tissue left out where it is "
        "known, parts below 10 mm3 dropped",
    ),
    Measure(
        "vessel_dice_body", "vessel Dice, body", ".3f", "higher", "vessels",
        "the same in the whole body, so that false vessels anywhere count; where structures are known",
    ),
    Measure("cl_dice", "clDice", ".3f", "higher", "vessels", "centre-line Dice of the same vessels near the lumen"),
    Measure(
        "diameter_error_mm", "diameter error, mm", ".1f", "lower", "vessels",
        "absolute difference of the largest diameter (largest sphere inside the same vessels)",
    ),
    Measure(
        "false_enhancement", "false enhancement", ".3%", "lower", "vessels",
        "share of body voxels outside vessels and enhancing tissue raised by more than 100 HU over the NCCT",
    ),
    Measure(
        "calcium_kept", "calcium kept", ".1%", "higher", "vessels",
        "share of the voxels of 130 HU or more in the NCCT, in the lumen or within 3 mm of it, that still are",
    ),
)  # fmt: skip


def measures(keys: Iterable[str]) -> tuple[Measure, ...]:
    """The measures of these keys, in their order.

    Raises:
        KeyError: when there is no such measure.
    """
    by_key = {measure.key: measure for measure in MEASURES}
    return tuple(by_key[key] for key in keys)
