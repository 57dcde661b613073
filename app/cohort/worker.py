"""One worker of a cohort: opens the bundle once and converts one study after another, each with its outcome as a value.

The bundle is opened by a method, not by the constructor: Ray reports an error in a constructor only as a dead worker.
"""

import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.cohort.done import is_done
from app.cohort.manifest import Study
from app.cuda_runtime import preload_cuda_runtime
from app.failures import as_refusal
from app.logs import set_up_logging
from app.monai_import import import_monai
from app.process_tuning import importing, tune_process
from app.settings import AppSettings
from app.stack_limit import raise_stack_limit
from operators.bundle.digests import digests_of
from operators.errors import ExitCode, Refusal
from operators.output.staging import check_output

if TYPE_CHECKING:
    from operators.bundle.inference_bundle import InferenceBundle  # imports Holoscan, which needs preparations

Status = Literal["done", "skipped", "refused", "failed", "lost"]


@dataclass(frozen=True)
class Outcome:
    """What became of a study.

    Attributes:
        status: "done"; "skipped", for it was done before; "refused" for what it is (`Reason.is_final`);
            "failed" for another reason; "lost", when its workers died.
        exit_code: what the app alone would have ended with.
        reason: reason code of a refusal or failure, "" otherwise.
        message: its sentence for a person, "" otherwise; no patient data, as of every `Refusal`.
        seconds: time the study took.
        cpu_seconds: time that cores worked on it.
    """

    status: Status
    exit_code: int
    reason: str
    message: str
    seconds: float
    cpu_seconds: float


class Worker:
    """Holds the opened bundle; the network stays on its device from the first study on.

    Args:
        bundle_folder: MONAI bundle.
        settings: app.yaml.
        device: as of the app; None for a GPU when there is one.
        log_level: as of the app.
    """

    def __init__(self, bundle_folder: Path, settings: AppSettings, device: str | None, log_level: str) -> None:
        tune_process()
        set_up_logging(log_level)
        raise_stack_limit()
        self._bundle_folder = bundle_folder
        self._settings = settings
        self._device = device
        self._bundle: InferenceBundle | None = None

    def process_id(self) -> int:
        """Process of this worker; answers when the bundle is open.

        Raises:
            Refusal: when the bundle or the CUDA runtime is missing or faulty, or the device is not there.
        """
        self._open()
        return os.getpid()

    def convert(self, study: Study) -> Outcome:
        """Convert one study, unless it is done; an unfinished or outdated result is replaced.

        Args:
            study: line of the manifest.

        Returns:
            The outcome; a refusal or failure is an outcome, not an error.

        Raises:
            Refusal: as `process_id`; replace a worker that cannot open its bundle, or it would fail every study.
        """
        self._open()
        start, cpu_start = time.perf_counter(), time.process_time()
        status: Status = "done"
        refusal: Refusal | None = None
        try:
            if is_done(study.output_folder, self._digests):
                status = "skipped"
            else:
                self._convert(study)
        except Exception as error:  # every failure becomes an exit code, as in app.cli
            refusal = as_refusal(error)
            status = "refused" if refusal.reason.is_final else "failed"
        return Outcome(
            status=status,
            exit_code=int(refusal.exit_code if refusal else ExitCode.OK),
            reason=refusal.reason.code if refusal else "",
            message=refusal.message if refusal else "",
            seconds=time.perf_counter() - start,
            cpu_seconds=time.process_time() - cpu_start,
        )

    def _open(self) -> "InferenceBundle":
        """Open the bundle, unless it is open."""
        if self._bundle is not None:
            return self._bundle
        preload_cuda_runtime()
        with importing():
            import_monai()
            from operators.bundle.inference_bundle import InferenceBundle  # after the above, since it imports Holoscan

        bundle = InferenceBundle(self._bundle_folder, device=self._device)
        self._digests = digests_of(self._bundle_folder)
        self._bundle = bundle
        return bundle

    def _convert(self, study: Study) -> None:
        from app.app import run_opened

        check_output(study.output_folder, overwrite=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom's warnings quote values of the header
            run_opened(
                input_folder=study.input_folder,
                output_folder=study.output_folder,
                bundle=self._open(),
                settings=self._settings,
                series_uid=study.series_uid,
            )
