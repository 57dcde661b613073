"""What the app leaves in the folder of a job."""

from pathlib import Path

LOG_FILE = "app.log"


def result_files(result: Path) -> list[Path]:
    """DICOM files that the app wrote, in the order of their names."""
    return sorted(result.rglob("*.dcm"))
