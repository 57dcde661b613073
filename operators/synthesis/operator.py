"""Third stage of the app: the network, on a GPU when there is one, and back to HU on the source grid."""

from monai.deploy.core import ExecutionContext, Fragment, InputContext, Operator, OperatorSpec, OutputContext

from operators.inference_bundle import InferenceBundle
from operators.run_record import RunRecord
from operators.synthesis.synthesize import synthesize


class SynthesisOperator(Operator):
    """Runs the bundle's sliding-window `inferer` with its network, then its `postprocessing`.

    Named Input:
        prepared: PreparedVolume.
    Named Output:
        synthetic: SyntheticVolume, the series with synthetic HU on its grid.

    Args:
        fragment: the application.
        bundle: holds inferer, network, weights and transforms.
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
        spec.input("prepared")
        spec.output("synthetic")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Synthesise the CTA."""
        with self._record.guarded(), self._record.timed("synthesize"):
            op_output.emit(synthesize(op_input.receive("prepared"), self._bundle), "synthetic")
