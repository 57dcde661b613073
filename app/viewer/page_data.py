"""The data of a result for the page: panes, windows, record, as JSON."""

from typing import Any

from app.viewer.bricks import brick_ranges, describe_grid
from app.viewer.results import Result
from app.viewer.volumes import NCCT, SYN_CTA, UNCERTAINTY, ResultVolumes

WINDOWS = (
    ("CTA", 300, 600),
    ("Soft tissue", 40, 400),
    ("Lung", -600, 1500),
    ("Bone", 400, 1800),
    ("Wide", 100, 1400),
)
"""Name, centre and width in HU of the presets, by their keys 1 to 5."""

DIFFERENCE_LIMIT_HU = 300
UNCERTAINTY_LIMIT_HU = 100

_NO_SOURCE = "The NCCT is not shown. Start the viewer with --source and the DICOM folder that was converted."
_OTHER_SOURCE = "The NCCT is not shown. The folder given with --source does not hold the series that was converted."


def list_results(results: list[Result]) -> list[dict[str, Any]]:
    """The list to choose from."""
    return [
        {
            "name": result.name,
            "slices": result.record["series"]["slices"],
            "raised_ml": result.record.get("hu", {}).get("raised_over_100_hu_ml"),
            "warnings": len(result.record.get("warnings", [])),
        }
        for result in results
    ]


def describe_result(result: Result, volumes: ResultVolumes, *, base: str, source_given: bool) -> dict[str, Any]:
    """Everything about one result.

    Args:
        result: its record.
        volumes: its volumes.
        base: path of the result's bricks, relative to the page.
        source_given: whether a source folder was named, for the notice when there is no NCCT.

    Returns:
        `grid` and `volumes` for `openPanes`, `windows`, `notices`, and the run's `record`.
    """
    bricks = range(len(brick_ranges(volumes.shape[0])))

    def urls(name: str) -> list[str]:
        return [f"{base}/{name}/{i}" for i in bricks]

    panes: list[dict[str, Any]] = []
    if NCCT in volumes.names:
        panes.append({"title": "NCCT", "bricks": urls(NCCT), "colours": "grey"})
    panes.append({"title": "Syn-CTA", "bricks": urls(SYN_CTA), "colours": "grey", "badge": "SYNTHETIC"})
    if NCCT in volumes.names:
        panes.append(
            {
                "title": "Difference",
                "minus": [1, 0],
                "colours": "difference",
                "limit_hu": DIFFERENCE_LIMIT_HU,
                "badge": "SYNTHETIC - NCCT",
            }
        )
    if UNCERTAINTY in volumes.names:
        panes.append(
            {
                "title": "Uncertainty (SD)",
                "bricks": urls(UNCERTAINTY),
                "colours": "heat",
                "limit_hu": UNCERTAINTY_LIMIT_HU,
                "badge": "SYNTHETIC, SD",
                "layer_over": 1 if NCCT in volumes.names else 0,
            }
        )
    return {
        "name": result.name,
        "grid": describe_grid(volumes.shape, volumes.affine_lps),
        "volumes": panes,
        "windows": [{"name": name, "center": center, "width": width} for name, center, width in WINDOWS],
        "notices": [] if NCCT in volumes.names else [_OTHER_SOURCE if source_given else _NO_SOURCE],
        "record": result.record,
    }
