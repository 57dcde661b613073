"""Documents name files and commands that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(file for folder in (".", "docs", "bundle/docs") for file in (ROOT / folder).glob("*.md"))
FOLDERS = ("app", "operators", "bundle", "tests", "deploy", "docs", "benchmarks")


@pytest.mark.parametrize("document", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(document):
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_paths_in_the_map_exist(name):
    text = (ROOT / name).read_text()
    paths = [path for path in re.findall(r"`([\w/.]+\.(?:py|yaml))`", text) if path.split("/")[0] in FOLDERS]
    assert len(paths) > 5
    assert [path for path in paths if "my_" not in path and not (ROOT / path).is_file()] == []


def _is_runnable(module: Path) -> bool:
    return module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()


@pytest.mark.parametrize("document", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_name_modules_that_exist(document):
    modules = re.findall(r"python -m ((?:app|cohorts|studies|scripts|deploy)[\w.]*)", document.read_text())
    roots = (ROOT, ROOT / "bundle")
    runnable = {name for name in modules for root in roots if _is_runnable(root / name.replace(".", "/"))}
    assert set(modules) == runnable


@pytest.mark.parametrize("document", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_targets_exist(document):
    targets = set(re.findall(r"`?make ([a-z][a-z-]+)`", document.read_text()))
    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_make_help_lists_every_target_for_users():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    listed = set(re.findall(r"^# make ([a-z-]+)", makefile, re.MULTILINE))
    assert set(phony) - listed == {"env", "style", "types"}
