"""Name patterns that find the scans of each patient in a folder.

    {patient}/NATIVE/DICOM          a folder of DICOM files
    **/{patient}_0000{ext}          image files at any depth; {ext} is .nii, .nii.gz, .mha, .mhd or .nrrd
    **/{ncct,native}/{patient}{ext} one of several words

`{patient}` is the id, the same where it stands twice; `*` is anything within a name, `**/` any folders, also none.
Upper and lower case count as the same. A pattern that ends in `{ext}` finds files, every other one folders that hold
files.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS = (".nii.gz", ".nii", ".mha", ".mhd", ".nrrd")

_TOKENS = re.compile(r"\{patient\}|\{ext\}|\{[^{}]+\}|\*\*/|\*|\?|[^{*?]+")


@dataclass(frozen=True)
class Tree:
    """What lies under a folder: paths relative to it, with forward slashes; folders are those that hold files."""

    root: Path
    files: tuple[str, ...]
    folders: tuple[str, ...]


def read_tree(root: Path) -> Tree:
    """List a folder once; hidden names are left out, links to folders are not followed."""
    files, folders = [], []
    for parent, names, found in os.walk(root, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith("."))
        place = Path(parent).relative_to(root).as_posix()
        visible = sorted(name for name in found if not name.startswith("."))
        files += [name if place == "." else f"{place}/{name}" for name in visible]
        if visible:
            folders.append(place)
    return Tree(root, tuple(files), tuple(folders))


def compile_pattern(pattern: str) -> re.Pattern:
    """The regular expression of a pattern, with a group `patient`.

    Raises:
        ValueError: the pattern does not say where the patient's id stands.
    """
    if "{patient}" not in pattern:
        raise ValueError(f"The pattern {pattern!r} has no {{patient}}: put it where the path has the patient id.")
    result, named = "", False
    for token in _TOKENS.findall(pattern):
        if token == "{patient}":
            result += "(?P=patient)" if named else "(?P<patient>[^/]+?)"
            named = True
        elif token == "{ext}":
            result += f"(?:{'|'.join(map(re.escape, EXTENSIONS))})"
        elif token.startswith("{"):
            result += f"(?:{'|'.join(map(re.escape, token[1:-1].split(',')))})"
        else:
            result += {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token))
    return re.compile(result, re.IGNORECASE)


def find(tree: Tree, patterns: Sequence[str]) -> dict[str, list[Path]]:
    """Paths that one of the patterns matches, by patient."""
    found: dict[str, list[Path]] = defaultdict(list)
    for pattern in patterns:
        expression = compile_pattern(pattern)
        for name in _candidates(tree, pattern):
            if match := expression.fullmatch(name):
                found[match["patient"]].append(tree.root / name)
    return dict(found)


def _candidates(tree: Tree, pattern: str) -> Iterable[str]:
    return tree.files if pattern.endswith("{ext}") else tree.folders
