"""Digests that name the code and weights of a MONAI bundle; needs no PyTorch, so asking is quick."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from operators.errors import Reason, Refusal

CONFIG = Path("configs/inference.yaml")
WEIGHTS = Path("models/model.pt")
SCRIPTS = Path("scripts")


@dataclass(frozen=True)
class BundleDigests:
    """SHA-256 digests of what a result depends on.

    Attributes:
        config_sha256: of the inference config.
        scripts_sha256: of the bundle's own Python code.
        weights_sha256: of the weights.
    """

    config_sha256: str
    scripts_sha256: str
    weights_sha256: str


def digests_of(root: Path) -> BundleDigests:
    """Read a bundle's files.

    Args:
        root: folder of the bundle.

    Returns:
        The digests.

    Raises:
        Refusal: BUNDLE, when a file is missing or cannot be read.
    """
    try:
        return BundleDigests(_of_file(root / CONFIG), _of_code(root / SCRIPTS), _of_file(root / WEIGHTS))
    except OSError as error:
        raise Refusal(
            Reason.BUNDLE,
            f"A file of the bundle is missing or cannot be read ({type(error).__name__}). "
            "Name the bundle's folder with -m and check its permissions.",
        ) from error


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_code(folder: Path) -> str:
    """One digest over names and contents of all Python files.

    Training code counts too: which files a config reaches cannot be told from outside, and one file too many only
    gives new UIDs, while one too few would give other pixels under the same UIDs.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{_of_file(path)}\n".encode())
    return digest.hexdigest()
