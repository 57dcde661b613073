"""Second stage of the app: slabs on the working grid, in the value range of the networks."""

from monai.deploy.core import ExecutionContext, InputContext, OperatorSpec, OutputContext

from operators.bundle.operator import BundleOperator
from operators.preprocessing.prepare import prepare


class PreprocessingOperator(BundleOperator):
    """Cuts the series into slabs and applies the bundle's `preprocessing` to them.

    The brightest projection, which the networks get beside each slab, needs all slabs. Only the first slab stays in
    memory: the synthesis stage prepares the others again one by one, so that memory holds one slab and not the scan.

    Named Input:
        series: NCCTSeries.
    Named Output:
        prepared: PreparedVolume, the series with its slabs on the working grid.
    """

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the ports."""
        spec.input("series")
        spec.output("prepared")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Prepare the volume."""
        with self._record.guarded(), self._record.timed("resample, normalize"):
            op_output.emit(prepare(op_input.receive("series"), self._bundle), "prepared")
