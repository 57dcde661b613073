"""Kubernetes, Argo and mercure files against their projects' schemas, offline, and against the app's exit codes."""

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from app.version import VERSION
from operators.errors import ExitCode

pytestmark = pytest.mark.slow

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NO_RETRY = {ExitCode.USAGE, ExitCode.DATA, ExitCode.NO_INPUT, ExitCode.CANNOT_WRITE, ExitCode.CONFIGURATION}
KUBERNETES = "1.33"


def documents(folder):
    return [
        pytest.param(document, id=f"{path.name}: {document['metadata']['name']}")
        for path in sorted((DEPLOY / folder).glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
    ]


def read(path):
    return yaml.safe_load((DEPLOY / path).read_text())


@pytest.mark.parametrize("document", documents("kubernetes"))
def test_kubernetes_takes_the_file(document):
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


@pytest.mark.parametrize("document", documents("argo"))
def test_argo_takes_the_file_and_knows_every_field(document):
    """Hera's models are generated from Argo's own schema; a field that they do not know is gone when written again."""
    models = pytest.importorskip("hera.workflows.models")
    again = models.WorkflowTemplate.model_validate(document).model_dump(by_alias=True, exclude_unset=True, mode="json")
    assert leaves(again) == leaves(document)


def leaves(value, path=()):
    """Paths of all fields."""
    if isinstance(value, dict) and set(value) != {"root"}:
        return {leaf for key, item in value.items() for leaf in leaves(item, (*path, key))} or {path}
    if isinstance(value, list):
        return {leaf for i, item in enumerate(value) for leaf in leaves(item, (*path, i))}
    return {path}


@pytest.mark.parametrize("path", ["argo/cohort.yaml", "argo/study.yaml"])
def test_every_name_in_an_argo_file_is_declared_there(path):
    """What `argo lint` checks beyond the schema: templates, parameters, artifacts and volumes."""
    spec = read(path)["spec"]
    templates = {template["name"]: template for template in spec["templates"]}
    assert spec["entrypoint"] in templates
    known = {f"workflow.parameters.{parameter['name']}" for parameter in spec["arguments"]["parameters"]}
    volumes = {volume["name"] for volume in spec["volumes"]}
    for template in templates.values():
        steps = [step for parallel in template.get("steps", []) for step in parallel]
        inputs = {parameter["name"] for parameter in template.get("inputs", {}).get("parameters", [])}
        local = {f"inputs.parameters.{name}" for name in inputs} | ({"item"} if steps else set())
        assert set(re.findall(r"\{\{(.*?)\}\}", str(template))) <= known | local
        assert {mount["name"] for mount in template.get("container", {}).get("volumeMounts", [])} <= volumes
        for step in steps:
            wanted = templates[step["template"]].get("inputs", {}).get("parameters", [])
            given = {parameter["name"] for parameter in step["arguments"]["parameters"]}
            assert given == {parameter["name"] for parameter in wanted}


def test_the_job_keeps_the_rules_that_no_schema_holds():
    """Kubernetes' own checks of an indexed job with a limit for each index (batch/v1 validation)."""
    job = read("kubernetes/cohort.yaml")["spec"]
    pod = job["template"]["spec"]
    assert (job["completionMode"], pod["restartPolicy"]) == ("Indexed", "Never")
    assert job["maxFailedIndexes"] <= job["completions"] <= 100_000  # with more, at most 10,000 may fail
    assert {rule["action"] for rule in job["podFailurePolicy"]["rules"]} <= {"Ignore", "Count", "FailIndex", "FailJob"}
    for rule in job["podFailurePolicy"]["rules"]:
        codes = rule.get("onExitCodes")
        if codes:
            assert codes["operator"] == "In"
            assert codes["containerName"] in [container["name"] for container in pod["containers"]]
            assert codes["values"] == sorted(set(codes["values"]) - {0})
    (container,) = pod["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


def test_both_try_again_only_where_another_try_may_succeed():
    rules = read("kubernetes/cohort.yaml")["spec"]["podFailurePolicy"]["rules"]
    final = next(rule["onExitCodes"]["values"] for rule in rules if rule["action"] == "FailIndex")
    assert set(final) == {int(code) for code in NO_RETRY}
    expression = read("argo/cohort.yaml")["spec"]["templates"][1]["retryStrategy"]["expression"]
    assert {int(code) for code in re.findall(r"\d+", expression.split("not in")[1])} == set(final)


@pytest.mark.parametrize("path", ["kubernetes/cohort.yaml", "argo/cohort.yaml"])
def test_the_command_is_one_of_the_app(path):
    from app.cohort.one import run

    spec = read(path)["spec"]
    templates = spec.get("templates", [])
    container = templates[1]["container"] if templates else spec["template"]["spec"]["containers"][0]
    assert container["command"] == ["python3", "-m", "app.cohort.one"]
    options = [re.sub(r"\{\{.*\}\}", "0", argument) for argument in container["args"]]
    assert run(options) == ExitCode.CONFIGURATION  # understood; there is no such manifest here


@pytest.mark.parametrize("path", ["kubernetes/cohort.yaml", "argo/cohort.yaml", "argo/study.yaml"])
def test_a_pod_is_told_its_time_zone(path):
    (zone,) = re.findall(r"- name: TZ .*\n\s*value: (\S+)", (DEPLOY / path).read_text())
    assert ZoneInfo(zone)


def test_compose_mounts_the_settings_of_the_site_where_the_image_reads_them():
    volumes = read("pacs/compose.yaml")["services"]["gateway"]["volumes"]
    (where,) = re.findall(r"HOLOSCAN_CONFIG_PATH=(\S+)", (DEPLOY / "map" / "Dockerfile").read_text())
    assert f"../../app.yaml:{where}:ro" in volumes


@pytest.mark.parametrize(
    "path",
    sorted(
        str(path.relative_to(DEPLOY))
        for path in DEPLOY.rglob("*")
        if path.suffix in (".json", ".yaml") and "syn-cta:" in path.read_text()
    ),
)
def test_every_file_names_an_image_of_this_version(path):
    tags = set(re.findall(r"\bsyn-cta:([\w.-]+)", (DEPLOY / path).read_text()))
    assert tags <= {"latest", f"{VERSION}-cpu", f"{VERSION}-cuda"}


def test_mercure_is_told_the_time_zone():
    module = json.loads((DEPLOY / "mercure/syn-cta.json").read_text())["modules"]["syn-cta"]
    assert ZoneInfo(json.loads(module["environment"])["TZ"])


@pytest.mark.parametrize("path", ["kubernetes/cohort.yaml", "argo/cohort.yaml", "argo/study.yaml"])
def test_pods_have_no_rights_that_they_do_not_need(path):
    text = (DEPLOY / path).read_text()
    assert "runAsNonRoot: true" in text
    assert "drop: [ALL]" in text
    assert "allowPrivilegeEscalation: false" in text
