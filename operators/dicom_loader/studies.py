"""The studies of a folder that hold CT, each with its files, so that every one can be loaded on its own."""

import hashlib
import logging
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from operators.dicom_loader.files import files_under
from operators.dicom_loader.scan import READER_THREADS, FileKind, read_headers
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

_NAME_DIGITS = 16
_MAY_BELONG = (FileKind.DAMAGED_DICOM, FileKind.UNREADABLE)


@dataclass(frozen=True)
class Study:
    """One study of a folder.

    Attributes:
        name: safe as a file name, the same for the same study, without patient data: "study-" and the start of a
            digest of its StudyInstanceUID, or of its folder if it has none.
        files: its CT objects, and files that cannot be read and may belong to it; sorted.
        folder: where in the searched folder they lie: the innermost folder that holds all of them.
    """

    name: str
    files: list[Path]
    folder: str = "."


def find_studies(folder: Path) -> list[Study]:
    """Find the studies that hold CT.

    A damaged or unreadable file, and a CT slice without StudyInstanceUID, counts as part of every study that has CT in
    the same folder: it may be one of its slices. In a folder without a study, such files count as a study.

    Args:
        folder: searched with its sub-folders.

    Returns:
        Studies in the order of their names.

    Raises:
        Refusal: NO_INPUT, when there is no file; NO_CT_SERIES, when there is no study with CT.
    """
    paths = files_under(folder)
    studies: dict[str, list[Path]] = {}
    unassigned: list[Path] = []
    counts: Counter[FileKind] = Counter()
    with ThreadPoolExecutor(READER_THREADS) as pool:
        for path, (kind, headers) in zip(paths, pool.map(read_headers, paths), strict=True):
            counts[kind] += 1
            uid = str(headers[0].get("StudyInstanceUID") or "") if headers else ""
            if uid:
                studies.setdefault(uid, []).append(path)
            elif headers or kind in _MAY_BELONG:
                unassigned.append(path)
    if not studies and not unassigned:
        raise Refusal(
            Reason.NO_CT_SERIES,
            f"The {len(paths)} file(s) of the input folder hold no CT study. Give a folder with DICOM studies.",
        )
    for kind in (FileKind.OTHER_DICOM, FileKind.NOT_DICOM):
        if counts[kind]:
            logger.warning("%d file(s) skipped: %s.", counts[kind], kind.value)
    folders = {uid: {path.parent for path in files} for uid, files in studies.items()}
    for path in unassigned:
        beside = [uid for uid in folders if path.parent in folders[uid]]
        for uid in beside or [_folder([path], folder)]:
            studies.setdefault(uid, []).append(path)
    found = (Study(_name(uid), sorted(files), _folder(files, folder)) for uid, files in studies.items())
    return sorted(found, key=lambda study: study.name)


def _folder(files: list[Path], searched: Path) -> str:
    common = Path(os.path.commonpath([file.parent for file in files]))
    return common.relative_to(searched).as_posix() if common.is_relative_to(searched) else "."


def _name(study_uid: str) -> str:
    return f"study-{hashlib.sha256(study_uid.encode()).hexdigest()[:_NAME_DIGITS]}"
