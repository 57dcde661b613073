"""One series as an image in HU, from a DICOM folder or a NIfTI file; nothing else of it is used."""

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from operators.dicom_loader.files import files_under
from operators.dicom_loader.geometry import stack_slices
from operators.dicom_loader.pixels import load_hu
from operators.dicom_loader.scan import scan_files
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import Reason, Refusal


def read_series(path: Path) -> sitk.Image:
    """Read a CT series; contrast and derived images are accepted here.

    Args:
        path: folder with one DICOM CT series, or a .nii, .nii.gz, .nrrd or .mha file in HU.

    Returns:
        Image of HU in LPS mm.

    Raises:
        Refusal: no CT, several series, a stack that is not regular, or a file that cannot be read.
    """
    return _from_dicom(path) if path.is_dir() else _from_file(path)


def _from_dicom(folder: Path) -> sitk.Image:
    series = list(scan_files(files_under(folder)).series.values())
    if len(series) != 1:
        raise Refusal(Reason.AMBIGUOUS, f"A folder of the list holds {len(series)} CT series. Give a folder with one.")
    stack = stack_slices(series[0], LoaderSettings())
    hu = load_hu([series[0][i] for i in stack.order]).hu
    image = sitk.GetImageFromArray(np.asarray(hu, dtype=np.float32))
    image.SetSpacing(stack.spacing_mm)
    image.SetOrigin(stack.affine_lps[:3, 3].tolist())
    image.SetDirection((stack.affine_lps[:3, :3] / np.array(stack.spacing_mm)).ravel().tolist())
    return image


def _from_file(path: Path) -> sitk.Image:
    try:
        image = sitk.ReadImage(str(path), sitk.sitkFloat32)
    except RuntimeError as error:
        raise Refusal(
            Reason.UNREADABLE, "An image file of the list cannot be read. Give NIfTI, NRRD or MHA."
        ) from error
    if image.GetDimension() != 3:
        raise Refusal(Reason.NOT_HU, "An image file of the list is not a volume.")
    return image
