"""Whether a study is done: result and objects exist, made by this version of the software and these weights."""

import json
from pathlib import Path
from typing import Any

from app.version import VERSION
from operators.bundle.digests import BundleDigests
from operators.output.staging import COMPANIONS_FOLDER, RESULT_FILE, SERIES_FOLDER, UNCERTAINTY_FOLDER


def is_done(output_folder: Path, digests: BundleDigests) -> bool:
    """Check whether the result of a study is complete and current, so that it need not be run again.

    The objects listed in result.json must exist and not be empty: they may have been moved, or lost in a crash of the
    file system. The app's version and the digests of weights, config and scripts must be those that would be used now.
    Changes of the input or of the site's settings are not detected: use new output folders for them.

    Args:
        output_folder: output folder of the study.
        digests: of the bundle that would be used.

    Returns:
        True when the result is complete and current.
    """
    try:
        result = json.loads((output_folder / RESULT_FILE).read_text(encoding="utf-8"))
        made_by = result["bundle"]
        digest_names = ("config_sha256", "scripts_sha256", "weights_sha256", "context_sha256")
        found = BundleDigests(*(made_by[name] for name in digest_names))
        made = (result["status"], result["application"]["version"], found) == ("ok", VERSION, digests)
        return made and _objects(output_folder) == _recorded_objects(result["written"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _recorded_objects(written: dict[str, Any]) -> dict[str, int]:
    """Number of objects in each folder, according to result.json."""
    return {
        SERIES_FOLDER: written["syn_cta"],
        UNCERTAINTY_FOLDER: written["uncertainty"],
        COMPANIONS_FOLDER: len(written["companions"]),
    }


def _objects(output_folder: Path) -> dict[str, int]:
    """Number of objects found in each folder."""
    return {
        name: sum(path.stat().st_size > 0 for path in (output_folder / name).glob("*.dcm"))
        for name in (SERIES_FOLDER, UNCERTAINTY_FOLDER, COMPANIONS_FOLDER)
    }
