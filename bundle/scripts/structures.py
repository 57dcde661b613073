"""What the values of a `structures` volume mean."""

from enum import IntEnum


class Structure(IntEnum):
    """Label of a voxel on the anatomy of the NCCT."""

    OUTSIDE = 0
    BODY = 1
    OTHER_ENHANCING = 2
    ARTERIAL_LUMEN = 3
