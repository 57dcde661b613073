"""Write a Syn-CTA series of a source without the app."""

from datetime import datetime
from pathlib import Path

import numpy as np

from operators.dicom_loader.series import NCCTSeries
from operators.dicom_objects.identity import RunIdentity
from operators.dicom_objects.settings import WriterSettings
from operators.dicom_objects.source_contrast import SourceContrast
from operators.dicom_writer.image_series import syn_cta
from operators.dicom_writer.series_writer import WrittenSeries, write_series
from operators.provenance import Provenance

PROVENANCE = Provenance(
    application="Syn-CTA",
    application_version="0.1.0",
    bundle="stand-in",
    bundle_version="0.0.1",
    config_sha256="c" * 64,
    scripts_sha256="e" * 64,
    weights_sha256="a" * 64,
    engine="torch 2.13.0",
    device="cpu",
    amp=False,
)
CREATED = datetime(2024, 2, 3, 4, 5, 6)


def identity_of(
    series: NCCTSeries,
    *,
    settings: WriterSettings | None = None,
    provenance: Provenance = PROVENANCE,
    created: datetime = CREATED,
) -> RunIdentity:
    """The run that writes a series."""
    source_contrast = SourceContrast(tuple(series.contrast_found))
    return RunIdentity(series.headers, provenance, settings or WriterSettings(), created, source_contrast)


def write_syn_cta(series: NCCTSeries, synthetic_hu: np.ndarray, folder: Path, **options) -> WrittenSeries:
    """Write a Syn-CTA series; the options are those of `identity_of`."""
    identity = identity_of(series, **options)
    return write_series(
        synthetic_hu, folder, series=syn_cta(identity.settings, identity.source_contrast), identity=identity
    )
