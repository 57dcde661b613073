"""Keeps the command of one cohort out of the folder of another."""

import json
from collections.abc import Collection
from pathlib import Path


def check_own_folder(out: Path, patients: Collection[str]) -> None:
    """Refuse a folder whose datalist names other patients: it would be replaced.

    Args:
        out: folder of the cohort; may be missing.
        patients: of the cohort that shall be written.

    Raises:
        FileExistsError: when it lists anyone else.
    """
    datalist = out / "datalist.json"
    listed = json.loads(datalist.read_text()).values() if datalist.is_file() else []
    foreign = {record["patient"] for split in listed for record in split} - set(patients)
    if foreign:
        raise FileExistsError(f"{out} holds other data ({min(foreign)} ...). Give an empty folder for the pairs.")
