"""Comprehensive 3D SR (PS3.3 A.35.13) after TID 1500 (PS3.16): what the result shows, and where not to trust it."""

from collections.abc import Sequence

from highdicom.sr import (
    AlgorithmIdentification,
    Comprehensive3DSR,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    TextContentItem,
    TrackingIdentifier,
)
from highdicom.sr.enum import RelationshipTypeValues
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from operators.companions.device import device_observer
from operators.companions.identifiers import Identifiers, completed
from operators.dicom_objects.identity import RunIdentity
from operators.dicom_objects.uid import derived_uid
from operators.report.measures import MeasureGroup, Statistic

_STATEMENT = (
    "SYNTHETIC CT angiogram, computed by AI from {source}. {statement} "
    "Enhancement is predicted, not measured. Research only, not for diagnosis."
)
_DERIVATION: dict[Statistic, Code] = {
    Statistic.MEAN: codes.SCT.Mean,
    Statistic.STANDARD_DEVIATION: codes.SCT.StandardDeviation,
    Statistic.MEDIAN: codes.SCT.Median,
    Statistic.MAXIMUM: codes.SCT.Maximum,
}
_MILLILITRE = Code("mL", "UCUM", "milliliter")


def measurement_report(
    references: list[Dataset],
    measures: list[MeasureGroup],
    comments: Sequence[str],
    identity: RunIdentity,
    identifiers: Identifiers,
) -> Dataset:
    """Report the figures of a run.

    Args:
        references: every written slice; the source slices are added as evidence.
        measures: the figures.
        comments: what a reader should know, in sentences.
        identity: the run.
        identifiers: of the object.

    Returns:
        The object.
    """
    provenance = identity.provenance
    algorithm = AlgorithmIdentification(
        name=provenance.application,
        version=provenance.application_version,
        parameters=[f"bundle {provenance.bundle} {provenance.bundle_version}", f"weights {provenance.weights_sha256}"],
        manufacturer=identity.settings.manufacturer,
    )
    groups = [
        MeasurementsAndQualitativeEvaluations(
            tracking_identifier=TrackingIdentifier(
                uid=derived_uid("measure", identifiers.instance_uid, group.name), identifier=group.name
            ),
            algorithm_id=algorithm,
            measurements=[_measurement(statistic, value) for statistic, value in group.figures.items()],
        )
        for group in measures
        if group.figures
    ]
    content = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=device_observer(identity)),
        procedure_reported=codes.cid100.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    source_contrast = identity.source_contrast
    statement = _STATEMENT.format(source=source_contrast.source, statement=source_contrast.statement)
    for comment in (statement, *comments):
        content[0].ContentSequence.append(
            TextContentItem(codes.DCM.Comment, comment, relationship_type=RelationshipTypeValues.CONTAINS)
        )
    report = Comprehensive3DSR(
        evidence=[*references, *identity.headers],
        content=content[0],
        is_complete=True,
        manufacturer=identity.settings.manufacturer,
        manufacturer_model_name=identity.settings.model_name,
        series_description=source_contrast.mark_description("Measures of the run (synthetic)"),
        **identifiers.keywords,
    )
    return completed(report, identity)


def _measurement(statistic: Statistic, value: float) -> Measurement:
    if statistic is Statistic.VOLUME:
        return Measurement(name=codes.SCT.Volume, value=value, unit=_MILLILITRE)
    if statistic is Statistic.LENGTH:
        return Measurement(name=codes.SCT.Length, value=value, unit=codes.UCUM.Millimeter)
    return Measurement(
        name=codes.DCM.AttenuationCoefficient,
        value=value,
        unit=codes.UCUM.HounsfieldUnit,
        derivation=_DERIVATION[statistic],
    )
