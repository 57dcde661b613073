"""result.json: what was done, with what, on which geometry, with what warnings. No patient data, no UIDs."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from operators.dicom_loader.selection import RULE
from operators.dicom_loader.series import NCCTSeries
from operators.dicom_objects.source_contrast import SourceContrast
from operators.provenance import Provenance
from operators.report.comparison import Comparison, UncertaintyDistribution
from operators.report.measures import DOUBTFUL_FROM_HU
from operators.report.vessels import VesselCoverage
from operators.run_record import RunRecord

_PACKAGES = ("torch", "openvino", "monai", "monai-deploy-app-sdk", "holoscan-cu13", "pydicom", "highdicom", "numpy")


@dataclass(frozen=True)
class WrittenObjects:
    """What a run has written.

    Attributes:
        syn_cta: slices of the Syn-CTA series.
        uncertainty: slices of the uncertainty series, 0 without one.
        companions: names of the companions, as in app.yaml.
    """

    syn_cta: int
    uncertainty: int
    companions: list[str]


def write_result(
    path: Path,
    *,
    series: NCCTSeries,
    written: WrittenObjects,
    comparison: Comparison,
    vessels: Sequence[VesselCoverage],
    provenance: Provenance,
    record: RunRecord,
) -> None:
    """Write the report of a run that succeeded.

    Args:
        path: JSON file to write.
        series: the source.
        written: what was written.
        comparison: HU statistics.
        vessels: what the result shows of each.
        provenance: software and weights.
        record: timings and device of the run.
    """
    source_contrast = SourceContrast(tuple(series.contrast_found))
    slices, rows, columns = series.hu.shape
    column_mm, row_mm, slice_mm = series.spacing_mm
    voxel_ml = column_mm * row_mm * slice_mm / 1000
    report = {
        "status": "ok",
        "synthetic": True,
        "intended_use": f"research only, not for diagnosis; {source_contrast.statement}",
        "contrast_found": list(source_contrast.contrast_found),
        "application": {"name": provenance.application, "version": provenance.application_version},
        "bundle": {
            "name": provenance.bundle,
            "version": provenance.bundle_version,
            "config_sha256": provenance.config_sha256,
            "scripts_sha256": provenance.scripts_sha256,
            "weights_sha256": provenance.weights_sha256,
            "context_sha256": provenance.context_sha256,
        },
        "versions": {"python": platform.python_version(), **_installed(_PACKAGES)},
        "device": {
            "kind": provenance.device,
            "name": record.device_name,
            "engine": provenance.engine,
            "precision": "bfloat16" if provenance.amp else "float32",
            "mixed_precision": provenance.amp,
        },
        "series": {
            "rule": RULE,
            "choice": series.choice,
            "candidates": series.candidates,
            "excluded": series.excluded,
            "passed_over": [asdict(other) for other in series.passed_over],
            "slices": slices,
            "rows": rows,
            "columns": columns,
            "spacing_mm": {"column": column_mm, "row": row_mm, "slice": slice_mm},
            "affine_lps_mm": series.affine_lps.tolist(),
        },
        "hu": {
            "ncct": comparison.ncct.summary(),
            "syn_cta": comparison.syn_cta.summary(),
            "enhancement": comparison.enhancement.summary(),
            "raised_over_100_hu_ml": round(comparison.enhanced_voxels * voxel_ml, 1),
        },
        "vessels": [asdict(vessel) for vessel in vessels],
        "uncertainty": _uncertainty(comparison.uncertainty, voxel_ml),
        "written": asdict(written),
        "seconds": {name: round(seconds, 3) for name, seconds in record.seconds.items()},
        "warnings": [*record.warnings, *series.warnings],
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _uncertainty(uncertainty: UncertaintyDistribution | None, voxel_ml: float) -> dict | None:
    """Standard deviation of the synthetic HU; None where it was not computed."""
    if uncertainty is None:
        return None
    return {
        "sd_hu": {"tissue": uncertainty.tissue.summary(), "raised_over_100_hu": uncertainty.enhanced.summary()},
        f"tissue_over_{DOUBTFUL_FROM_HU:.0f}_hu_ml": round(
            uncertainty.tissue.voxels_above(DOUBTFUL_FROM_HU) * voxel_ml, 1
        ),
    }


def _installed(packages: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found
