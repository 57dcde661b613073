"""The application: four operators in a row on MONAI Deploy App SDK."""

import logging
import sys
from functools import partial
from pathlib import Path

from holoscan.conditions import CountCondition
from monai.deploy.core import Application

from app.settings import AppSettings
from app.version import VERSION
from operators.bundle.inference_bundle import InferenceBundle
from operators.dicom_loader.operator import DICOMLoaderOperator
from operators.errors import Reason, Refusal
from operators.output.operator import OutputOperator
from operators.preprocessing.operator import PreprocessingOperator
from operators.provenance import Provenance
from operators.run_record import RunRecord, StageFailed
from operators.synthesis.operator import SynthesisOperator

logger = logging.getLogger(__name__)


class SynCTAApp(Application):
    """NCCT DICOM folder in, Syn-CTA DICOM series out.

    Args:
        input_folder: DICOM folder.
        output_folder: takes syn-cta/, result.json, result.html and preview.png.
        bundle: the opened MONAI bundle.
        settings: app.yaml.
        series_uid: SeriesInstanceUID to take instead of the fixed rule.
        record: takes times, failure and completion of the run.
        files: files to look at instead of all in the folder.
    """

    def __init__(
        self,
        *,
        input_folder: Path,
        output_folder: Path,
        bundle: InferenceBundle,
        settings: AppSettings,
        series_uid: str | None,
        record: RunRecord,
        files: list[Path] | None = None,
    ) -> None:
        self._input_folder = input_folder
        self._files = files
        self._output_folder = output_folder
        self._bundle = bundle
        self._settings = settings
        self._series_uid = series_uid
        self._record = record
        super().__init__([sys.executable, "syn-cta"])  # Holoscan must not read our command line

    def compose(self) -> None:
        """Chain loader, preprocessing, synthesis and output."""
        bundle, record, settings = self._bundle, self._record, self._settings
        loader = DICOMLoaderOperator(
            self,
            CountCondition(self, 1),
            name="dicom_loader",
            input_folder=self._input_folder,
            files=self._files,
            settings=settings.loader,
            series_uid=self._series_uid,
            record=record,
        )
        preprocessing = PreprocessingOperator(self, name="preprocessing", bundle=bundle, record=record)
        synthesis = SynthesisOperator(
            self, name="synthesis", bundle=bundle, record=record, uncertainty=settings.uncertainty.enabled
        )
        output = OutputOperator(
            self,
            name="output",
            output_folder=self._output_folder,
            settings=settings.writer,
            uncertainty=settings.uncertainty,
            companions=settings.companions,
            report=settings.report,
            provenance=partial(_provenance, bundle, settings),
            limits=bundle.limits,
            record=record,
        )
        self.add_flow(loader, preprocessing, {("series", "series")})
        self.add_flow(preprocessing, synthesis, {("prepared", "prepared")})
        self.add_flow(synthesis, output, {("synthetic", "synthetic")})


def open_bundle(
    folder: Path, *, device: str | None = None, amp: bool | None = None, engine: str | None = None, record: RunRecord
) -> InferenceBundle:
    """Open the bundle.

    Args:
        folder: MONAI bundle.
        device: "cpu", "cuda" or "cuda:N"; None for a GPU when there is one.
        amp: mixed precision on or off; None for the bundle's choice.
        engine: who runs the network, "auto", "torch" or "openvino"; None for the bundle's choice.
        record: takes the time.

    Returns:
        The bundle, for one study or many.

    Raises:
        Refusal: when the bundle is missing or faulty, or the device is not there.
    """
    with record.timed("open bundle"):
        bundle = InferenceBundle(folder, device=device, amp=amp, engine=engine)
    if bundle.device.type == "cpu" and device is None:
        logger.info("No CUDA device: the network runs on the CPU, which takes longer.")
    logger.debug("Device %s, mixed precision %s", bundle.device_name, bundle.amp)
    return bundle


def run_opened(
    *,
    input_folder: Path,
    output_folder: Path,
    bundle: InferenceBundle,
    settings: AppSettings,
    series_uid: str | None = None,
    record: RunRecord | None = None,
    files: list[Path] | None = None,
) -> None:
    """Run the application once with a bundle that is open, and stays open for the next study.

    Args:
        input_folder: DICOM folder.
        output_folder: takes the result.
        bundle: the opened MONAI bundle.
        settings: app.yaml.
        series_uid: SeriesInstanceUID to take instead of the fixed rule.
        record: takes times, failure and completion; None for a new one.
        files: files to look at instead of all in the folder.

    Raises:
        Exception: the error of the stage that failed, a Refusal where the input is at fault.
        Refusal: INTERNAL, when Holoscan returns without error before the result is in place.
    """
    record = RunRecord() if record is None else record
    record.device_name = bundle.device_name
    record.warnings += bundle.warnings
    application = SynCTAApp(
        input_folder=input_folder,
        output_folder=output_folder,
        bundle=bundle,
        settings=settings,
        series_uid=series_uid,
        record=record,
        files=files,
    )
    try:
        application.run()
    except StageFailed:
        if record.failure is None:
            raise
    if record.failure is not None:
        raise record.failure
    if not record.finished:
        raise Refusal(
            Reason.INTERNAL, "The app ended without a result. Run again with --log-level DEBUG and report it."
        )


def _provenance(bundle: InferenceBundle, settings: AppSettings) -> Provenance:
    return Provenance(
        application=settings.title,
        application_version=VERSION,
        bundle=bundle.name,
        bundle_version=bundle.version,
        config_sha256=bundle.config_sha256,
        scripts_sha256=bundle.scripts_sha256,
        weights_sha256=bundle.weights_sha256,
        engine=bundle.engine,
        device=bundle.device.type,
        amp=bundle.amp,
        context_sha256=bundle.context_sha256,
    )
