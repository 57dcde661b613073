"""Description of a scan for the panes of a page: grid and addresses of bricks, under a token."""

from typing import Any

import numpy as np
from django.urls import reverse

from app.reading.study.models import Scan
from app.reading.study.volume_files import open_volume
from app.viewer.bricks import brick_ranges, describe_grid

WINDOWS = (
    {"name": "Vessels", "center": 300, "width": 600},
    {"name": "Soft tissue", "center": 40, "width": 400},
    {"name": "Bone", "center": 400, "width": 1800},
    {"name": "Lung", "center": -600, "width": 1500},
)


def describe_picture(scan: Scan, token: str) -> dict[str, Any]:
    """Grid, addresses and windows for `openPanes` of the viewer.

    Args:
        scan: which scan; only its size and voxel size are given, which are equal for both scans of a pair.
        token: under which the bricks are served.
    """
    shape = open_volume(scan).shape
    affine = np.diag([*scan.spacing_mm, 1.0])
    bricks = [reverse("brick", args=(token, i)) for i in range(len(brick_ranges(shape[0])))]
    return {"grid": describe_grid(shape, affine), "bricks": bricks, "windows": WINDOWS}
