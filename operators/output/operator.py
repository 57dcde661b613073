"""Last stage of the app: write the Syn-CTA series and its companions, pictures and result.json, all or nothing."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monai.deploy.core import ExecutionContext, Fragment, InputContext, Operator, OperatorSpec, OutputContext

from operators.companions.settings import CompanionSettings
from operators.companions.write import RunContent, write_companions
from operators.dicom_objects.identity import RunIdentity
from operators.dicom_objects.settings import UncertaintySettings, WriterSettings
from operators.dicom_objects.source_contrast import SourceContrast
from operators.dicom_objects.time_zone import source_time_zone
from operators.dicom_writer.image_series import syn_cta, uncertainty_map
from operators.dicom_writer.series_writer import write_series
from operators.output.plausibility import plausibility_warnings
from operators.output.staging import (
    COMPANIONS_FOLDER,
    PAGE_FILE,
    PREVIEW_FILE,
    RESULT_FILE,
    SERIES_FOLDER,
    UNCERTAINTY_FOLDER,
    staged_output,
)
from operators.provenance import Provenance
from operators.report.coarse_result import coarse_result
from operators.report.comparison import Comparison, compare
from operators.report.key_pictures import KeyPictures, key_pictures
from operators.report.measures import MeasureGroup, run_measures
from operators.report.page import draw_page
from operators.report.preview import draw_preview
from operators.report.result import WrittenObjects, write_result
from operators.report.settings import ReportSettings
from operators.report.vessels import VesselCoverage, vessel_coverage
from operators.run_record import RunRecord
from operators.synthesis.synthesize import SyntheticVolume

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Analysis:
    """Statistics and pictures of a result, made before its companions are written."""

    comparison: Comparison
    vessels: list[VesselCoverage]
    measures: list[MeasureGroup]
    pictures: KeyPictures


class OutputOperator(Operator):
    """Writes the Syn-CTA series, and uncertainty, companions, preview and result.json beside it.

    Named Input:
        synthetic: SyntheticVolume.

    Args:
        fragment: the application.
        output_folder: created when missing; changed only after everything else has succeeded.
        settings: choices of the site for the series.
        uncertainty: the same for the uncertainty series.
        companions: which companions the site wants.
        report: which files for people the site wants.
        provenance: returns the software and weights that made the result, once it exists.
        limits: where not to trust a result, from the model card.
        record: takes the time, the failure and the completion of the stage, gives the times of all stages to
            result.json.
    """

    def __init__(
        self,
        fragment: Fragment,
        *args: object,
        output_folder: Path,
        settings: WriterSettings,
        uncertainty: UncertaintySettings,
        companions: CompanionSettings,
        report: ReportSettings,
        provenance: Callable[[], Provenance],
        limits: list[str],
        record: RunRecord,
        **kwargs: object,
    ) -> None:
        self._output_folder = output_folder
        self._settings = settings
        self._uncertainty = uncertainty
        self._companions = companions
        self._report = report
        self._provenance = provenance
        self._limits = limits
        self._record = record
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the ports."""
        spec.input("synthetic")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Write everything."""
        synthetic = op_input.receive("synthetic")
        with self._record.guarded(), staged_output(self._output_folder) as folder:
            self._write(synthetic, folder)
        self._record.finished = True

    def _write(self, synthetic: SyntheticVolume, folder: Path) -> None:
        series, record = synthetic.series, self._record
        created = datetime.now(source_time_zone(series.headers))
        provenance = self._provenance()
        source_contrast = SourceContrast(tuple(series.contrast_found))
        identity = RunIdentity(series.headers, provenance, self._settings, created, source_contrast)
        uncertainty = None
        with ThreadPoolExecutor(2, thread_name_prefix="output") as pool:
            analysing = pool.submit(self._analyse, synthetic, folder, source_contrast)
            page = pool.submit(
                lambda: self._draw_page(synthetic, folder, analysing.result(), provenance, source_contrast)
            )
            with record.timed("write DICOM"):
                image_series = syn_cta(self._settings, source_contrast)
                written = write_series(synthetic.hu, folder / SERIES_FOLDER, series=image_series, identity=identity)
                if synthetic.uncertainty_hu is not None:
                    image_series = uncertainty_map(self._uncertainty, self._settings.overlay_label, source_contrast)
                    uncertainty = write_series(
                        synthetic.uncertainty_hu, folder / UNCERTAINTY_FOLDER, series=image_series, identity=identity
                    )
            analysis = analysing.result()
            with record.timed("companions"):
                content = RunContent(
                    syn_cta=written.references,
                    uncertainty=uncertainty.references if uncertainty else [],
                    comparison=analysis.comparison,
                    measures=analysis.measures,
                    warnings=[*record.warnings, *series.warnings],
                    vessels=analysis.vessels,
                    pictures=analysis.pictures,
                    limits=self._limits,
                )
                companions = write_companions(
                    folder / COMPANIONS_FOLDER, content, settings=self._companions, identity=identity
                )
            page.result()
        write_result(
            folder / RESULT_FILE,
            series=series,
            written=WrittenObjects(len(content.syn_cta), len(content.uncertainty), companions),
            comparison=analysis.comparison,
            vessels=analysis.vessels,
            provenance=provenance,
            record=record,
        )

    def _analyse(self, synthetic: SyntheticVolume, folder: Path, source_contrast: SourceContrast) -> _Analysis:
        """Compare and draw, while the series is written."""
        series = synthetic.series
        with self._record.timed("compare, preview"):
            comparison = compare(series.hu, synthetic.hu, synthetic.uncertainty_hu)
            coarse = coarse_result(series.hu, synthetic.hu, series.affine_lps)
            vessels = vessel_coverage(coarse)
            measures = run_measures(comparison, series.spacing_mm, vessels)
            for warning in plausibility_warnings(coarse):
                logger.warning(warning)
                self._record.warnings.append(warning)
            preview = draw_preview(
                series.hu,
                synthetic.hu,
                synthetic.uncertainty_hu,
                affine_lps=series.affine_lps,
                comparison=comparison,
                source=source_contrast.source,
            )
            preview.save(folder / PREVIEW_FILE)
            pictures = key_pictures(series.hu, synthetic.hu, affine_lps=series.affine_lps, comparison=comparison)
        return _Analysis(comparison, vessels, measures, pictures)

    def _draw_page(
        self,
        synthetic: SyntheticVolume,
        folder: Path,
        analysis: _Analysis,
        provenance: Provenance,
        source_contrast: SourceContrast,
    ) -> None:
        """Draw the result page, where the site wants one, while series and companions are written."""
        if not self._report.page:
            return
        series = synthetic.series
        with self._record.timed("result page"):
            page = draw_page(
                series.hu,
                synthetic.hu,
                affine_lps=series.affine_lps,
                start_slice=analysis.comparison.richest_planes[0],
                measures=analysis.measures,
                warnings=[*self._record.warnings, *series.warnings],
                provenance=provenance,
                source_contrast=source_contrast,
            )
            (folder / PAGE_FILE).write_text(page, encoding="utf-8")
