"""The recorded digest of a bundle's weights, as `sha256sum` writes it, against weights that were damaged or replaced.

After new weights have been copied in:  cd models && sha256sum model.pt > model.pt.sha256
The weights of the context network (context.pt), where there are some, have a record of their own.
"""

import re
from pathlib import Path

from operators.bundle.digests import WEIGHTS
from operators.errors import Reason, Refusal

_SHA256 = re.compile("[0-9a-f]{64}")


def not_recorded(weights: Path = WEIGHTS) -> str:
    """Warning for a bundle that has no record of these weights."""
    return f"The bundle has no digest of {weights}, so this file was not checked. {_advice(weights)}"


def is_recorded(root: Path, weights_sha256: str, weights: Path = WEIGHTS) -> bool:
    """Whether a bundle records the digest of its weights.

    Args:
        root: folder of the bundle.
        weights_sha256: digest of the weights as they are.
        weights: their place in the bundle.

    Returns:
        True when it does and they are the recorded ones, False when there is no record.

    Raises:
        Refusal: WEIGHTS, when they are others, or the record holds no digest.
    """
    record = root / _record(weights)
    if not record.is_file():
        return False
    words = record.read_text(encoding="ascii", errors="replace").lower().split()
    if not words or not _SHA256.fullmatch(words[0]):
        raise Refusal(
            Reason.WEIGHTS, f"{_record(weights)} of the bundle does not hold a SHA-256 digest. {_advice(weights)}"
        )
    if words[0] != weights_sha256:
        raise Refusal(
            Reason.WEIGHTS,
            f"{weights} of the bundle does not match the digest in {_record(weights)}: it is damaged, or was replaced. "
            f"{_advice(weights)}",
        )
    return True


def _record(weights: Path) -> Path:
    return weights.with_name(f"{weights.name}.sha256")


def _advice(weights: Path) -> str:
    command = f"cd {weights.parent} && sha256sum {weights.name} > {_record(weights).name}"
    return f"If you trust the weights, record them: {command}"
