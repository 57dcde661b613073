"""What the stages that run parts of the MONAI bundle have in common."""

from typing import Any

from monai.deploy.core import Fragment, Operator

from operators.bundle.inference_bundle import InferenceBundle
from operators.run_record import RunRecord


class BundleOperator(Operator):
    """An operator that holds the bundle and the record of the run.

    Args:
        fragment: the application.
        bundle: the opened MONAI bundle.
        record: takes the time and the failure of the stage.
    """

    def __init__(
        self, fragment: Fragment, *args: object, bundle: InferenceBundle, record: RunRecord, **kwargs: Any
    ) -> None:
        self._bundle = bundle
        self._record = record
        super().__init__(fragment, *args, **kwargs)
