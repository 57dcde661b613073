"""Second stage of the app: to the working grid and the networks' value range, by the bundle's `preprocessing`."""

from monai.deploy.core import ExecutionContext, InputContext, OperatorSpec, OutputContext

from operators.bundle_operator import BundleOperator
from operators.resample.prepare import prepare


class ResampleNormalizeOperator(BundleOperator):
    """Resamples and normalises the series by the bundle's `preprocessing`.

    Named Input:
        series: NCCTSeries.
    Named Output:
        prepared: PreparedVolume, the series with its normalised volume.
    """

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the ports."""
        spec.input("series")
        spec.output("prepared")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Prepare the volume."""
        with self._record.guarded(), self._record.timed("resample, normalize"):
            op_output.emit(prepare(op_input.receive("series"), self._bundle), "prepared")
