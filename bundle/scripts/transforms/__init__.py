"""MONAI transforms of the bundle: to the working grid and back to the source grid, and what training needs."""

from scripts.transforms.axial_slab import AxialSlab, AxialSlabs
from scripts.transforms.coarse_voxels import RandCoarseVoxelsd
from scripts.transforms.context_map import AddContextMapd, ContextOfSlicesd
from scripts.transforms.normalize_hu import NormalizeHUd
from scripts.transforms.require_finite import RequireFinited
from scripts.transforms.resample_to_spacing import ResampleToSpacing, ResampleToSpacingd
from scripts.transforms.source_grid import KeepSourced, ToSourceGridd

__all__ = [
    "AddContextMapd",
    "AxialSlab",
    "AxialSlabs",
    "ContextOfSlicesd",
    "KeepSourced",
    "NormalizeHUd",
    "RandCoarseVoxelsd",
    "RequireFinited",
    "ResampleToSpacing",
    "ResampleToSpacingd",
    "ToSourceGridd",
]
