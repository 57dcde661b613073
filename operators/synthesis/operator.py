"""Third stage of the app: the network, on a GPU when there is one, and back to HU on the source grid."""

from typing import Any

from monai.deploy.core import ExecutionContext, Fragment, InputContext, OperatorSpec, OutputContext

from operators.bundle.operator import BundleOperator
from operators.synthesis.synthesize import synthesize


class SynthesisOperator(BundleOperator):
    """Runs the bundle's sliding-window `inferer` with its network, then its `postprocessing`.

    Named Input:
        prepared: PreparedVolume.
    Named Output:
        synthetic: SyntheticVolume, the series with synthetic HU on its grid.

    Args:
        fragment: the application.
        uncertainty: whether the uncertainty of the result is estimated, too.
    """

    def __init__(self, fragment: Fragment, *args: object, uncertainty: bool, **kwargs: Any) -> None:
        self._uncertainty = uncertainty
        super().__init__(fragment, *args, **kwargs)

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the ports."""
        spec.input("prepared")
        spec.output("synthetic")

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Synthesise the CTA."""
        with self._record.guarded(), self._record.timed("synthesize"):
            prepared = op_input.receive("prepared")
            op_output.emit(synthesize(prepared, self._bundle, uncertainty=self._uncertainty), "synthetic")
