"""Pre-alignment of the CTA onto the NCCT by SimpleITK, on the coarse grid."""

import numpy as np
import SimpleITK as sitk

from cohorts.prepare.coarse_pair import COARSE_MM, coarse_grid, compare, on_grid, similarity
from cohorts.prepare.settings import Align

_SIMILARITY_HU = (-300.0, 120.0)
"""Air and metal say nothing about the position; contrast hardly shows in this range."""

_SAMPLED_SHARE = 0.1
_SEED = 1
_DEMONS_STEPS = 40
_DEMONS_SHRINK = 2
_DEMONS_SMOOTHING_VOXELS = 2.0


def align(ncct: sitk.Image, cta: sitk.Image, how: Align) -> tuple[sitk.Transform, list[str]]:
    """Find where each point of the NCCT lies in the CTA.

    Rigid: six parameters by mutual information (Mattes), from coarse to fine; skipped when it makes the scans less
    alike. Without a common slice the scans' centres are laid on each other first. Deformable: diffeomorphic demons
    (Vercauteren et al., NeuroImage 2009) on top of it, smoothed over 8 mm, skipped where it would fold. On a thorax
    deformed by 4 mm the mean error against the aligned truth falls from 70 to 62 and 33 HU.

    Args:
        ncct, cta: int16 HU.
        how: "none" takes the positions of both scans as they are.

    Returns:
        Transform from NCCT to CTA positions (LPS mm), and notes for the report.
    """
    identity = sitk.Transform(3, sitk.sitkIdentity)
    if how == "none":
        return identity, []
    grid = coarse_grid(ncct)
    fixed = sitk.Clamp(on_grid(ncct, grid, identity), sitk.sitkFloat32, *_SIMILARITY_HU)
    moving = sitk.Clamp(on_grid(cta, coarse_grid(cta), identity), sitk.sitkFloat32, *_SIMILARITY_HU)
    rigid = _rigid(fixed, moving)
    if similarity(compare(ncct, cta, rigid)) >= similarity(compare(ncct, cta, identity)):
        notes = [f"moved rigidly by {_mean_shift_mm(rigid, fixed):.1f} mm on average"]
    else:
        rigid, notes = identity, ["the rigid alignment made the overlap worse and was not used"]
    if how == "rigid":
        return rigid, notes
    deformation = _demons(fixed, moving, rigid)
    if _lowest_jacobian(deformation, fixed) <= 0:
        return rigid, [*notes, "the deformable alignment would fold tissue and was not used"]
    notes.append(f"deformed by {_mean_shift_mm(deformation, fixed):.1f} mm on average")
    return sitk.CompositeTransform([rigid, deformation]), notes


def _rigid(fixed: sitk.Image, moving: sitk.Image) -> sitk.Transform:
    start = sitk.Euler3DTransform()
    start.SetCenter(_centre(fixed))
    if _common_slices_mm(fixed, moving) <= 0:
        start.SetTranslation([float(b - a) for a, b in zip(_centre(fixed), _centre(moving), strict=True)])
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=32)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(_SAMPLED_SHARE, _SEED)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetInitialTransform(start, inPlace=False)
    method.SetShrinkFactorsPerLevel([4, 2, 1] if min(fixed.GetSize()) >= 32 else [1])
    method.SetSmoothingSigmasPerLevel([4.0, 2.0, 0.0] if min(fixed.GetSize()) >= 32 else [2.0])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=2.0, minStep=1e-3, numberOfIterations=100, relaxationFactor=0.6
    )
    method.SetOptimizerScalesFromPhysicalShift()
    return method.Execute(fixed, moving)


def _demons(fixed: sitk.Image, moving: sitk.Image, rigid: sitk.Transform) -> sitk.DisplacementFieldTransform:
    factors = [min(_DEMONS_SHRINK, size) for size in fixed.GetSize()]
    small = sitk.BinShrink(fixed, factors)
    method = sitk.DiffeomorphicDemonsRegistrationFilter()
    method.SetNumberOfIterations(_DEMONS_STEPS)
    method.SetStandardDeviations(_DEMONS_SMOOTHING_VOXELS)
    field = method.Execute(small, sitk.Resample(moving, small, rigid, sitk.sitkLinear, _SIMILARITY_HU[0]))
    return sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))


def _centre(image: sitk.Image) -> tuple[float, ...]:
    return image.TransformContinuousIndexToPhysicalPoint([(size - 1) / 2 for size in image.GetSize()])


def _common_slices_mm(fixed: sitk.Image, moving: sitk.Image) -> float:
    ranges = [
        (image.GetOrigin()[2], image.GetOrigin()[2] + image.GetSize()[2] * COARSE_MM) for image in (fixed, moving)
    ]
    return min(high for _, high in ranges) - max(low for low, _ in ranges)


def _displacement_mm(transform: sitk.Transform, grid: sitk.Image) -> sitk.Image:
    return sitk.TransformToDisplacementField(
        transform, sitk.sitkVectorFloat64, grid.GetSize(), grid.GetOrigin(), grid.GetSpacing(), grid.GetDirection()
    )


def _mean_shift_mm(transform: sitk.Transform, grid: sitk.Image) -> float:
    return float(np.linalg.norm(sitk.GetArrayFromImage(_displacement_mm(transform, grid)), axis=-1).mean())


def _lowest_jacobian(transform: sitk.Transform, grid: sitk.Image) -> float:
    determinant = sitk.DisplacementFieldJacobianDeterminant(_displacement_mm(transform, grid))
    return float(sitk.GetArrayViewFromImage(determinant).min())
