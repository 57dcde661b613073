"""Put into the wheel what is no Python package: bundle, app.yaml, and the viewer's page where it was built.

Everything else about the build stands in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
_NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "data", "eval", "runs")
_PAGE = Path("app/viewer/web/built")


class BuildWithShipped(build_py):
    """The packages, and what `app.shipped` looks for."""

    def run(self) -> None:
        """Build; an editable install finds everything in the checkout."""
        if self.editable_mode:
            super().run()
            return
        shutil.rmtree(self.build_lib, ignore_errors=True)  # an earlier build may hold modules that were renamed since
        super().run()
        shipped = Path(self.build_lib) / "app" / "shipped"
        for part in ("LICENSE", "configs", "docs", "models", "scripts", "cohorts", "studies"):
            source, target = ROOT / "bundle" / part, shipped / "bundle" / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=_NOT_SHIPPED)
            else:
                shutil.copyfile(source, target)
        shutil.copyfile(ROOT / "app.yaml", shipped / "app.yaml")
        if (ROOT / _PAGE).is_dir():
            shutil.copytree(ROOT / _PAGE, Path(self.build_lib) / _PAGE)
        else:
            self.warn("the viewer's page is not built and not in this wheel: make viewer")


setup(cmdclass={"build_py": BuildWithShipped})
