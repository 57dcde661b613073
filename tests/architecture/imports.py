"""Which modules of the repository import which, read from the source without running it."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = dict.fromkeys(("app", "operators", "ct_headers", "deploy"), _ROOT)
_FOLDERS |= dict.fromkeys(("scripts", "cohorts", "studies"), _ROOT / "bundle")


@cache
def modules(package: str) -> list[tuple[str, ast.Module]]:
    """Each module of a top-level package by its dotted name, parsed."""
    root = _FOLDERS[package]
    found = []
    for path in sorted((root / package).rglob("*.py")):
        if "node_modules" not in path.parts:
            parts = path.relative_to(root).with_suffix("").parts
            found.append((".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))))
    return found


@cache
def imports(package: str) -> set[tuple[str, str]]:
    """Pairs (module, what it imports) of a top-level package; imports inside functions count too."""
    return {(module, name) for module, tree in modules(package) for name in _imported(tree)}


def relative_imports(package: str) -> list[str]:
    """Modules of a top-level package that have a relative import."""
    return [
        module
        for module, tree in modules(package)
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))
    ]


def circle(package: str) -> list[str]:
    """Modules or packages that lie in one folder and import each other in a circle; empty where there is none."""
    names = {module for module, _ in modules(package)}
    siblings: dict[str, set[str]] = {}  # what each module or package imports of those beside it
    for module, name in imports(package):
        while name and name not in names:
            name = name.rpartition(".")[0]
        importer, imported = module.split("."), name.split(".")
        pairs = enumerate(zip(importer, imported, strict=False))
        if depth := next((index for index, (one, other) in pairs if one != other), 0):
            siblings.setdefault(".".join(importer[: depth + 1]), set()).add(".".join(imported[: depth + 1]))
    try:
        TopologicalSorter(siblings).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reaches(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")
