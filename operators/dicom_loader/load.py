"""From a folder to an NCCT series: scan, choose, check, order, decode. The loader without Holoscan."""

import logging
from pathlib import Path

from operators.dicom_loader.checks import check_hu, check_identity, check_whole
from operators.dicom_loader.enhancement import enhanced_blood_ml
from operators.dicom_loader.geometry import stack_slices
from operators.dicom_loader.pixels import check_codecs, load_hu
from operators.dicom_loader.scan import scan_folder
from operators.dicom_loader.selection import choose_series
from operators.dicom_loader.series import NCCTSeries
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)


def load_ncct_series(
    folder: Path, settings: LoaderSettings | None = None, *, series_uid: str | None = None
) -> NCCTSeries:
    """Load the NCCT series of a DICOM folder, or refuse it.

    Headers are read and checked first; pixels are decoded only for a series that passed.

    Args:
        folder: searched with its sub-folders.
        settings: limits; None for the defaults.
        series_uid: SeriesInstanceUID to take instead of the fixed rule.

    Returns:
        The series in HU with its geometry.

    Raises:
        Refusal: with the reason why nothing in the folder can be converted.
    """
    settings = settings or LoaderSettings()
    scan = scan_folder(folder)
    choice = choose_series(scan, series_uid)
    check_whole(choice.slices, scan)
    check_identity(choice.slices)
    check_hu(choice.slices)
    stack = stack_slices(choice.slices, settings)
    if len(choice.slices) < settings.min_slices:
        raise Refusal(
            Reason.TOO_FEW_SLICES,
            f"The series has {len(choice.slices)} slice(s); at least {settings.min_slices} are needed.",
        )
    check_codecs(choice.slices)
    slices = [choice.slices[i] for i in stack.order]
    for warning in (*scan.warnings, *choice.warnings):
        logger.warning(warning)
    spacing = " x ".join(f"{step_mm:.2f}" for step_mm in stack.spacing_mm)
    logger.info("Series: %d slices, voxels %s mm; %s.", len(slices), spacing, choice.reason)
    hu = load_hu(slices)
    enhanced_ml = enhanced_blood_ml(hu, stack.spacing_mm)
    if enhanced_ml >= settings.enhanced_volume_ml:
        raise Refusal(
            Reason.CONTRAST,
            f"The image shows {enhanced_ml:.0f} ml of enhanced blood although its header names no contrast agent. "
            "Give the non-contrast series; if it is one, raise loader.enhanced_volume_ml in app.yaml.",
        )
    return NCCTSeries(
        hu=hu,
        affine_lps=stack.affine_lps,
        spacing_mm=stack.spacing_mm,
        headers=[source.header for source in slices],
        choice=choice.reason,
        candidates=choice.candidates,
        excluded=choice.excluded,
        warnings=[*scan.warnings, *choice.warnings],
    )
