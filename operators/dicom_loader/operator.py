"""First stage of the app: DICOM folder in, NCCT series out."""

from pathlib import Path

from monai.deploy.core import ExecutionContext, Fragment, InputContext, Operator, OperatorSpec, OutputContext

from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.settings import LoaderSettings
from operators.run_record import RunRecord


class DICOMLoaderOperator(Operator):
    """Loads the NCCT series of a folder, or refuses it.

    A source: give it a `CountCondition(fragment, 1)`, or Holoscan calls it for ever.

    Named Output:
        series: NCCTSeries, HU volume with geometry and source headers.

    Args:
        fragment: the application.
        input_folder: searched with its sub-folders.
        files: files to look at instead of all in the folder.
        settings: limits of what is accepted.
        series_uid: SeriesInstanceUID to take instead of the fixed rule.
        record: takes the time and the failure of the stage.
    """

    def __init__(
        self,
        fragment: Fragment,
        *args: object,
        input_folder: Path,
        files: list[Path] | None = None,
        settings: LoaderSettings,
        series_uid: str | None,
        record: RunRecord,
        **kwargs: object,
    ) -> None:
        self._source = input_folder if files is None else files
        self._settings = settings
        self._series_uid = series_uid
        self._record = record
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the ports."""
        spec.output("series")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Load the series."""
        with self._record.guarded(), self._record.timed("load DICOM"):
            series = load_ncct_series(self._source, self._settings, series_uid=self._series_uid)
            op_output.emit(series, "series")
