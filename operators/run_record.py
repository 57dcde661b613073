"""Record of one run, shared by its stages and the app: times, device, failure and completion."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)


class StageFailed(RuntimeError):
    """Raised into Holoscan in place of a stage's own error.

    Holoscan writes the text of an exception to its log; that text may hold a path or a value of a header. The error
    itself is stored in `RunRecord.failure`.
    """


@dataclass
class RunRecord:
    """Filled in by the stages while they run.

    Attributes:
        seconds: duration of each finished stage.
        device_name: the processor that ran the network.
        failure: the error that ended the run, None if there was none.
        finished: whether the last stage has put the result into place.
        warnings: what a reader of the result should know about the software, not the series.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    device_name: str = ""
    failure: Exception | None = None
    finished: bool = False
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Store the failure of a stage and hide its text from Holoscan.

        Raises:
            StageFailed: when the stage raised; the error is in `failure`.
        """
        try:
            yield
        except Exception as error:
            self.failure = error
            raise StageFailed("A stage failed; the app reports the reason.") from None

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time a step and log when it begins and ends.

        Args:
            name: what the step does, for the log and result.json.
        """
        logger.info("%s ...", name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
        logger.info("%-22s %7.2f s", name, self.seconds[name])
