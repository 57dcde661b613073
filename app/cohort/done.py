"""Whether a study is done: its result.json is there, and this very software and these weights made it."""

import json
from pathlib import Path

from app.version import VERSION
from operators.bundle.digests import BundleDigests
from operators.output.staging import RESULT_FILE


def is_done(output_folder: Path, digests: BundleDigests) -> bool:
    """Tell from the result whether a study need not be run again.

    result.json is moved into place last, so what belongs to it is there. The app's version and the digests of weights,
    config and scripts must be those that would be used now. Changed input or changed settings of the site are not
    seen: give them new output folders.

    Args:
        output_folder: output folder of the study.
        digests: of the bundle that would be used.

    Returns:
        True when the result stands.
    """
    try:
        result = json.loads((output_folder / RESULT_FILE).read_text(encoding="utf-8"))
        made_by = result["bundle"]
        found = BundleDigests(made_by["config_sha256"], made_by["scripts_sha256"], made_by["weights_sha256"])
        return (result["status"], result["application"]["version"], found) == ("ok", VERSION, digests)
    except (OSError, ValueError, KeyError, TypeError):
        return False
