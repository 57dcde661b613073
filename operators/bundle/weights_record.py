"""The recorded digest of a bundle's weights, as `sha256sum` writes it, against weights that were damaged or replaced.

After new weights have been copied in:  cd models && sha256sum model.pt > model.pt.sha256
"""

import re
from pathlib import Path

from operators.bundle.digests import WEIGHTS
from operators.errors import Reason, Refusal

RECORD = WEIGHTS.with_name(f"{WEIGHTS.name}.sha256")

_SHA256 = re.compile("[0-9a-f]{64}")
_ADVICE = f"If you trust the weights, record them: cd {WEIGHTS.parent} && sha256sum {WEIGHTS.name} > {RECORD.name}"

NOT_RECORDED = f"The bundle does not record the digest of its weights, so they were not checked. {_ADVICE}"
"""Warning for a bundle without a record."""


def is_recorded(root: Path, weights_sha256: str) -> bool:
    """Whether a bundle records the digest of its weights.

    Args:
        root: folder of the bundle.
        weights_sha256: digest of the weights as they are.

    Returns:
        True when it does and they are the recorded ones, False when there is no record.

    Raises:
        Refusal: WEIGHTS, when they are others, or the record holds no digest.
    """
    record = root / RECORD
    if not record.is_file():
        return False
    words = record.read_text(encoding="ascii", errors="replace").lower().split()
    if not words or not _SHA256.fullmatch(words[0]):
        raise Refusal(Reason.WEIGHTS, f"{RECORD} of the bundle holds no SHA-256 digest. {_ADVICE}")
    if words[0] != weights_sha256:
        raise Refusal(
            Reason.WEIGHTS,
            f"{WEIGHTS} of the bundle is not the file that {RECORD} records: damaged, or replaced. {_ADVICE}",
        )
    return True
