"""Marks: circles on axial slices of a real CT, one line of a CSV file each."""

import csv
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("structure", "x_mm", "y_mm", "z_mm", "radius_mm")

NEGATIVE = "not_"
"""Prefix of the names of structures that are not arteries."""

AORTA = ("ascending_aorta", "aortic_arch", "descending_aorta", "abdominal_aorta")
BRANCHES = (
    "brachiocephalic",
    "right_common_carotid",
    "left_common_carotid",
    "right_internal_carotid",
    "left_internal_carotid",
    "right_subclavian",
    "left_subclavian",
)
OTHER_ARTERIES = (
    "right_vertebral",
    "left_vertebral",
    "coeliac",
    "superior_mesenteric",
    "right_renal",
    "left_renal",
    "right_common_iliac",
    "left_common_iliac",
    "right_external_iliac",
    "left_external_iliac",
)
ARTERIES = (*AORTA, *BRANCHES, *OTHER_ARTERIES)
REGIONS = ("heart", "pulmonary_artery", "left_atrium", "left_ventricle", "right_heart")
"""Structures that enhance, but that this product does not draw."""


@dataclass(frozen=True)
class Circle:
    """A circle that fills a structure on one axial slice.

    Attributes:
        structure: one of `ARTERIES` or `REGIONS`, or a name that begins with `NEGATIVE`.
        x_mm, y_mm, z_mm: its centre, LPS.
        radius_mm: of a vessel up to its outer wall.
    """

    structure: str
    x_mm: float
    y_mm: float
    z_mm: float
    radius_mm: float

    @property
    def is_artery(self) -> bool:
        return self.structure in ARTERIES

    @property
    def is_negative(self) -> bool:
        return self.structure.startswith(NEGATIVE)


def read_marks(path: Path) -> list[Circle]:
    """Read a file of marks.

    Raises:
        ValueError: a column is missing, a value is not a number, or a structure is unknown; the line is named.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if missing := set(COLUMNS) - set(rows.fieldnames or ()):
            raise ValueError(f"{path.name} lacks the columns {', '.join(sorted(missing))}.")
        return [_circle(row, f"{path.name}, line {number}") for number, row in enumerate(rows, start=2)]


def _circle(row: dict[str, str], where: str) -> Circle:
    structure = row["structure"].strip()
    if structure not in (*ARTERIES, *REGIONS) and not structure.startswith(NEGATIVE):
        raise ValueError(
            f"{where}: {structure!r} is not a known structure. The name of a structure that is not an artery begins "
            f"with {NEGATIVE!r}."
        )
    try:
        circle = Circle(structure, *(float(row[column]) for column in COLUMNS[1:]))
    except ValueError as error:
        raise ValueError(f"{where}: {error}.") from error
    if not circle.radius_mm > 0:
        raise ValueError(f"{where}: the radius is {circle.radius_mm} mm; it must be above 0.")
    return circle
