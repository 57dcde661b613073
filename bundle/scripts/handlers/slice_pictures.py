"""Training slices as TensorBoard pictures."""

from ignite.engine import Engine, Events
from torch.utils.tensorboard import SummaryWriter

from scripts.pictures import step_picture


class SlicePictures:
    """Write NCCT, synthetic, warped, acquired CTA and the flow's length of the epoch's last batch.

    Args:
        summary_writer: where to write.
        hu_range: HU that -1 and 1 stand for.
        pixel_mm: in-plane spacing of the slices.
        interval: epochs between pictures.
    """

    def __init__(
        self, summary_writer: SummaryWriter, hu_range: tuple[float, float], pixel_mm: float, interval: int = 1
    ) -> None:
        self.summary_writer = summary_writer
        self.hu_range = hu_range
        self.pixel_mm = pixel_mm
        self.interval = interval

    def attach(self, engine: Engine) -> None:
        """Attach to a `PairedGANTrainer`."""
        engine.add_event_handler(Events.EPOCH_COMPLETED(every=self.interval), self)

    def __call__(self, engine: Engine) -> None:
        """Write one picture."""
        picture = step_picture(engine.state.output, self.hu_range, self.pixel_mm)
        self.summary_writer.add_image("slices", picture, engine.state.epoch, dataformats="HW")
