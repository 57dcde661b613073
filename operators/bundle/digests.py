"""Digests that name the code and weights of a MONAI bundle; needs no PyTorch, so asking is quick."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from operators.bundle.reached_code import reached_files
from operators.errors import Reason, Refusal

CONFIG = Path("configs/inference.yaml")
WEIGHTS = Path("models/model.pt")
CONTEXT_WEIGHTS = Path("models/context.pt")
"""Weights of the network that looks at the whole scan first; a bundle need not have one."""


@dataclass(frozen=True)
class BundleDigests:
    """SHA-256 digests of what a result depends on.

    Attributes:
        config_sha256: of the inference config.
        scripts_sha256: of the bundle's own code, as far as the inference config reaches it.
        weights_sha256: of the generator's weights.
        context_sha256: of the context network's weights; None for a bundle without one.
    """

    config_sha256: str
    scripts_sha256: str
    weights_sha256: str
    context_sha256: str | None = None


def digests_of(root: Path) -> BundleDigests:
    """Read a bundle's files.

    Args:
        root: folder of the bundle.

    Returns:
        The digests.

    Raises:
        Refusal: BUNDLE, when a file is missing, cannot be read or is no Python.
    """
    try:
        context_sha256 = _of_file(root / CONTEXT_WEIGHTS) if (root / CONTEXT_WEIGHTS).is_file() else None
        return BundleDigests(_of_file(root / CONFIG), _of_code(root), _of_file(root / WEIGHTS), context_sha256)
    except OSError as error:
        raise Refusal(
            Reason.BUNDLE,
            f"A file of the bundle is missing or cannot be read ({type(error).__name__}). Give the bundle folder with "
            "-m and check its permissions.",
        ) from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise Refusal(
            Reason.BUNDLE,
            f"A file of the bundle is not valid Python ({type(error).__name__}). Install the bundle again.",
        ) from error


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_code(root: Path) -> str:
    """One digest over names and contents of the files that the inference config reaches.

    Other code of the bundle (training, phantoms, studies) has no part in a result and leaves its UIDs as they are.
    """
    digest = hashlib.sha256()
    for path in reached_files(root, (root / CONFIG).read_text(encoding="utf-8")):
        digest.update(f"{path.relative_to(root).as_posix()}\0{_of_file(path)}\n".encode())
    return digest.hexdigest()
