"""Informatics Gateway's folders as input, and the workflows of the Workflow Manager."""

import json
import re
from pathlib import Path

import pytest
import yaml

from app.cli import main
from deploy.map.manifests import variables
from tests.dicom_series import write_series
from tests.stand_in_bundle import write_stand_in_bundle

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
WORKFLOWS = sorted((DEPLOY / "monai-deploy").glob("*.json"))


@pytest.mark.slow
def test_the_gateways_layout_is_read(tmp_path):
    """{payload}/dcm/{study}/{series}/{instance}.dcm with the metadata as JSON beside each."""
    series = tmp_path / "payload" / "dcm" / "1.2.3" / "1.2.3.4"
    for path in write_series(tmp_path / "received").iterdir():
        series.mkdir(parents=True, exist_ok=True)
        path.rename(series / f"{path.stem}.dcm")
        (series / f"{path.stem}.dcm.json").write_text('{"00080060": {"vr": "CS", "Value": ["CT"]}}')
    bundle = write_stand_in_bundle(tmp_path / "bundle")
    options = ["-m", str(bundle), "--device", "cpu"]
    assert main(["-i", str(tmp_path / "payload"), "-o", str(tmp_path / "out"), *options]) == 0
    report = json.loads((tmp_path / "out" / "result.json").read_text())
    assert report["series"]["slices"] == 10


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_keeps_to_the_specification(path):
    """Names, lengths and references of the Clinical Workflow Specification Language."""
    workflow = json.loads(path.read_text())
    tasks = {task["id"]: task for task in workflow["tasks"]}
    assert len(workflow["name"]) <= 15
    assert len(workflow.get("description", "")) <= 200
    assert len(tasks) == len(workflow["tasks"])
    assert all(re.fullmatch(r"[\w-]{1,50}", name) for name in tasks)
    for task in tasks.values():
        assert {destination["name"] for destination in task.get("task_destinations", [])} <= tasks.keys()
        exported = {destination["name"] for destination in task.get("export_destinations", [])}
        assert exported <= set(workflow["informatics_gateway"]["export_destinations"])
        for artifact in task.get("artifacts", {}).get("input", []):
            made_by = re.search(r"context\.executions\.([\w-]+)\.artifacts\.([\w-]+)", artifact["value"])
            if made_by:
                outputs = tasks[made_by[1]]["artifacts"]["output"]
                assert made_by[2] in [output["name"] for output in outputs]


def test_the_docker_task_gives_what_the_plugin_asks_for():
    workflow = json.loads((DEPLOY / "monai-deploy" / "workflow-docker.json").read_text())
    task = next(task for task in workflow["tasks"] if task["type"] == "docker")
    arguments = task["args"]
    needed = {"server_url", "entrypoint", "command", "container_image", "temp_storage_container_path"}
    assert needed <= arguments.keys()
    stored = [artifact["name"] for kind in task["artifacts"].values() for artifact in kind]
    assert {arguments[name].rstrip("/") for name in stored} == {
        variables()["HOLOSCAN_INPUT_PATH"],
        variables()["HOLOSCAN_OUTPUT_PATH"],
    }


def test_the_argo_task_names_the_template_and_its_artifacts():
    workflow = json.loads((DEPLOY / "monai-deploy" / "workflow-argo.json").read_text())
    task = next(task for task in workflow["tasks"] if task["type"] == "argo")
    template = yaml.safe_load((DEPLOY / "argo" / "study.yaml").read_text())
    study = template["spec"]["templates"][0]
    assert task["args"]["workflow_template_name"] == template["metadata"]["name"]
    for kind in ("input", "output"):
        names = [artifact["name"] for artifact in task["artifacts"][kind]]
        assert names == [artifact["name"] for artifact in study[f"{kind}s"]["artifacts"]]
