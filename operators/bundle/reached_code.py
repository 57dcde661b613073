"""Which Python files of a bundle its inference config reaches, found without importing any of them.

A config names its code by dotted names (`_target_: scripts.networks.ResidualGenerator`, `$import scripts.data`); code
names more by imports. Names inside strings count as well, so rather too many files are found than too few. Packages
that the bundle's folder does not hold (MONAI, torch) are not followed: their versions are recorded beside the digests.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path


def reached_files(root: Path, config: str) -> list[Path]:
    """Follow a config through the code of its bundle.

    Args:
        root: folder of the bundle; it is on Python's path when the config is evaluated.
        config: text of the config.

    Returns:
        Python files below `root`, and the data files beside them in their packages, sorted.

    Raises:
        OSError: when a file cannot be read.
        SyntaxError: when a Python file is none.
    """
    own = [path.stem for path in root.iterdir() if path.is_dir() or path.suffix == ".py"]
    names = re.compile(rf"\b(?:{'|'.join(map(re.escape, own))})(?:\.\w+)*")
    reached: set[Path] = set()
    waiting = names.findall(config)
    while waiting:
        for path in _files_of(root, waiting.pop()):
            if path not in reached:
                reached.add(path)
                text = path.read_text(encoding="utf-8")
                home = path.relative_to(root)
                # a message may name a command of another package: only its own package counts in a text
                waiting += [name for name in names.findall(text) if name.split(".")[0] == home.parts[0]]
                waiting += _imported(text, home)
    packages = {path.parent for path in reached if path.name == "__init__.py"}
    data = {file for folder in packages for file in folder.iterdir() if file.is_file() and file.suffix != ".pyc"}
    return sorted(reached | {file for file in data if file.suffix != ".py"})


def _files_of(root: Path, name: str) -> Iterator[Path]:
    """The files that Python reads for a dotted name: each package on the way, and the module."""
    folder = root
    for part in name.split("."):
        if (module := folder / f"{part}.py").is_file():
            yield module
            return
        folder = folder / part
        if not folder.is_dir():
            return
        if (package := folder / "__init__.py").is_file():
            yield package


def _imported(text: str, path: Path) -> Iterator[str]:
    """Dotted names of what a file imports: `from scripts import losses` is `scripts.losses`, dots are resolved."""
    for node in ast.walk(ast.parse(text, filename=path.name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.parent.parts[: len(path.parts) - node.level] if node.level else ()
            origin = ".".join([*package, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)
