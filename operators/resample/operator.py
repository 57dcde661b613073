"""Second stage of the app: to the working grid and the networks' value range, by the bundle's `preprocessing`."""

from monai.deploy.core import ExecutionContext, Fragment, InputContext, Operator, OperatorSpec, OutputContext

from operators.inference_bundle import InferenceBundle
from operators.resample.prepare import prepare
from operators.run_record import RunRecord


class ResampleNormalizeOperator(Operator):
    """Resamples and normalises the series by the bundle's `preprocessing`.

    Named Input:
        series: NCCTSeries.
    Named Output:
        prepared: PreparedVolume, the series with its normalised volume.

    Args:
        fragment: the application.
        bundle: holds the transforms.
        record: takes the time and the failure of the stage.
    """

    def __init__(
        self, fragment: Fragment, *args: object, bundle: InferenceBundle, record: RunRecord, **kwargs: object
    ) -> None:
        self._bundle = bundle
        self._record = record
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the ports."""
        spec.input("series")
        spec.output("prepared")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Prepare the volume."""
        with self._record.guarded(), self._record.timed("resample, normalize"):
            op_output.emit(prepare(op_input.receive("series"), self._bundle), "prepared")
