"""The digest of a bundle's code covers what inference reaches: no file less, and nothing of training or phantoms."""

import json
import subprocess
import sys

import pytest

from operators.bundle.digests import digests_of
from operators.bundle.reached_code import reached_files
from operators.errors import Reason, Refusal
from tests.stand_in_bundle import write_stand_in_bundle

LOADED_BY_INFERENCE = """
import json, sys
from pathlib import Path
from monai.bundle import ConfigParser
sys.path.insert(0, ".")
parser = ConfigParser(ConfigParser.load_config_file("configs/inference.yaml"))
parts = "imports network preprocessing postprocessing uncertainty_def uncertainty_postprocessing slabs inferer"
for part in parts.split():
    parser.get_parsed_content(part)
here = Path().resolve()
files = [Path(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
print(json.dumps([path.relative_to(here).as_posix() for path in files if path.is_relative_to(here)]))
"""


def reached(root) -> set[str]:
    config = (root / "configs" / "inference.yaml").read_text()
    return {path.relative_to(root).as_posix() for path in reached_files(root, config)}


@pytest.mark.slow
def test_every_file_that_inference_loads_is_reached(bundle_folder):
    done = subprocess.run(
        [sys.executable, "-c", LOADED_BY_INFERENCE], cwd=bundle_folder, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert len(loaded) > 10
    assert loaded - reached(bundle_folder) == set()


def test_inference_reaches_scripts_only(bundle_folder):
    assert {name.partition("/")[0] for name in reached(bundle_folder)} == {"scripts"}


@pytest.fixture
def bundle(tmp_path):
    """A bundle whose config reaches lib.net and, through it, lib.part and a table, but not lib.train."""
    root = write_stand_in_bundle(tmp_path / "bundle")
    with (root / "configs" / "inference.yaml").open("a") as config:
        config.write("extra:\n  _target_: lib.net.Net\n")
    (root / "lib").mkdir()
    (root / "lib" / "__init__.py").write_text("")
    (root / "lib" / "net.py").write_text("from .part import half\n")
    (root / "lib" / "part.py").write_text("half = 0.5\n")
    (root / "lib" / "train.py").write_text("from lib import net\n")
    (root / "lib" / "words.csv").write_text("word\n")
    return root


@pytest.mark.parametrize("name", ["__init__.py", "net.py", "part.py", "words.csv"])
def test_a_change_of_reached_code_changes_the_digest(bundle, name):
    before = digests_of(bundle)
    (bundle / "lib" / name).write_text((bundle / "lib" / name).read_text() + "# changed\n")
    assert digests_of(bundle).scripts_sha256 != before.scripts_sha256


def test_a_change_of_other_code_leaves_the_digest(bundle):
    before = digests_of(bundle)
    (bundle / "lib" / "train.py").write_text("raise SystemExit\n")
    assert digests_of(bundle) == before


def test_an_import_of_a_submodule_by_its_package_is_followed(bundle):
    (bundle / "lib" / "net.py").write_text("from lib import part\n")
    assert "lib/part.py" in reached(bundle)


def test_code_that_is_no_python_is_refused(bundle):
    (bundle / "lib" / "part.py").write_text("half = = 0.5\n")
    with pytest.raises(Refusal) as refused:
        digests_of(bundle)
    assert refused.value.reason is Reason.BUNDLE
