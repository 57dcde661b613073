"""Last stage of the app: the Syn-CTA series, result.json and preview.png, all or nothing."""

from pathlib import Path

from monai.deploy.core import ExecutionContext, Fragment, InputContext, Operator, OperatorSpec, OutputContext

from operators.dicom_writer.series_writer import write_series
from operators.dicom_writer.settings import WriterSettings
from operators.dicom_writer.staging import PREVIEW_FILE, RESULT_FILE, SERIES_FOLDER, staged_output
from operators.provenance import Provenance
from operators.report.comparison import compare
from operators.report.preview import write_preview
from operators.report.result import write_result
from operators.run_record import RunRecord


class DICOMSeriesWriterOperator(Operator):
    """Writes one CT slice for each source slice, with report and preview beside them.

    Named Input:
        synthetic: SyntheticVolume.

    Args:
        fragment: the application.
        output_folder: created when missing; touched only when everything else went well.
        settings: choices of the site.
        provenance: software and weights that made the result.
        record: takes the time, the failure and the completion of the stage, gives the times of all stages to
            result.json.
    """

    def __init__(
        self,
        fragment: Fragment,
        *args: object,
        output_folder: Path,
        settings: WriterSettings,
        provenance: Provenance,
        record: RunRecord,
        **kwargs: object,
    ) -> None:
        self._output_folder = output_folder
        self._settings = settings
        self._provenance = provenance
        self._record = record
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the ports."""
        spec.input("synthetic")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Write everything."""
        synthetic = op_input.receive("synthetic")
        series = synthetic.series
        with self._record.guarded(), staged_output(self._output_folder) as folder:
            with self._record.timed("write DICOM"):
                write_series(
                    series,
                    synthetic.hu,
                    folder / SERIES_FOLDER,
                    provenance=self._provenance,
                    settings=self._settings,
                )
            with self._record.timed("compare, preview"):
                comparison = compare(series.hu, synthetic.hu)
                write_preview(
                    folder / PREVIEW_FILE,
                    series.hu,
                    synthetic.hu,
                    affine_lps=series.affine_lps,
                    comparison=comparison,
                )
            write_result(
                folder / RESULT_FILE,
                series=series,
                comparison=comparison,
                provenance=self._provenance,
                record=self._record,
            )
        self._record.finished = True
