"""MONAI's experiment tracking, with a stand-in for MLflow, which is not installed by default."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from bundle.small_training import curve, train
from monai.handlers import mlflow_handler

pytestmark = pytest.mark.slow


class Client:
    """Keeps what `mlflow.MlflowClient` would send."""

    metrics: ClassVar[defaultdict[str, dict[int, float]]] = defaultdict(dict)

    def __init__(self, tracking_uri: str) -> None:
        self.tracking_uri = tracking_uri

    def get_experiment_by_name(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(experiment_id=name, lifecycle_stage="active")

    def search_runs(self, experiment_id: str) -> list:
        return []

    def create_run(self, experiment_id: str, run_name: str) -> SimpleNamespace:
        return self.get_run(run_name)

    def get_run(self, run_id: str) -> SimpleNamespace:
        return SimpleNamespace(info=SimpleNamespace(run_id=run_id), data=SimpleNamespace(params={}))

    def log_batch(self, run_id: str, metrics: list, params: list, tags: list) -> None:
        for metric in metrics:
            self.metrics[metric.key][metric.step] = metric.value

    def set_terminated(self, *_: Any) -> None:
        pass


class Metric(SimpleNamespace):
    def __init__(self, key: str, value: float, timestamp: int, step: int) -> None:
        super().__init__(key=key, value=value, step=step)


@pytest.fixture
def stand_in(monkeypatch) -> type[Client]:
    entities = SimpleNamespace(
        RunStatus=SimpleNamespace(FINISHED=3, to_string=str), LifecycleStage=SimpleNamespace(ACTIVE="active"),
        Metric=Metric, Param=lambda key, value: None,
    )  # fmt: skip
    monkeypatch.setattr(mlflow_handler, "mlflow", SimpleNamespace(MlflowClient=Client, entities=entities))
    monkeypatch.setattr(Client, "metrics", defaultdict(dict))
    return Client


def test_mlflow_gets_the_curves_that_tensorboard_gets(stand_in, bundle_folder, small_datalist, tmp_path):
    tracking = str(bundle_folder / "configs" / "mlflow.yaml")
    train(bundle_folder, small_datalist, tmp_path, max_epochs=2, tracking=tracking)
    for name in ("loss", "similarity_loss", "discriminator_lr", "flow_max_mm", "psnr_db"):
        assert stand_in.metrics[name] == pytest.approx(curve(tmp_path, name), rel=1e-6), name
