"""`--check --connect`: what will not work is told before a series comes."""

import pytest
import yaml

from app.gateway.__main__ import main
from app.gateway.monitor import connect
from tests.app.gateway.running import LOOPBACK, Sink, free_port
from tests.app.gateway.send.faulty_stow_server import StowServer


@pytest.fixture
def check(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(connect, "_file_system", lambda folder: "ext4")  # tests may run in memory or in a container

    def run(*targets, folder="queue"):
        file = tmp_path / "gateway.yaml"
        settings = {
            "dicom": {"allow": [{"ae_title": "*"}]},
            "queue": {"folder": str(tmp_path / folder), "min_free_mb": 1},
            "targets": list(targets),
        }
        file.write_text(yaml.safe_dump(settings))
        code = main(["--settings", str(file), "--check", "--connect"])
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def sink():
    sink = Sink().start()
    yield sink
    sink.stop()


def stow(url, **settings):
    return {"name": "archive", "kind": "stow", "url": url, **settings}


def test_a_folder_and_a_web_server_that_work(check):
    with StowServer() as server:
        code, text = check(stow(server.url))
    assert code == 0
    assert "ok      queue.folder: can be written" in text
    assert "ok      target archive: answers (HTTP 200)" in text


def test_nothing_is_left_in_the_folder_and_none_is_made(check, tmp_path):
    with StowServer() as server:
        check(stow(server.url))
    assert [path.name for path in tmp_path.iterdir()] == ["gateway.yaml"]


def test_a_target_that_does_not_listen(check):
    code, text = check(stow(f"http://{LOOPBACK}:{free_port()}"))
    assert code == 69
    assert "FAILED  target archive: unreachable_ConnectionError" in text


def test_a_target_that_knows_no_echo_is_told(check, sink):
    code, text = check(sink.target)  # it supports storage and no verification
    assert code == 69
    assert "FAILED  target sink: echo_failed" in text


def test_a_host_that_nobody_knows(check):
    code, text = check({**Sink().target, "host": "pacs.invalid"})
    assert code == 69
    assert "its host name cannot be resolved" in text


@pytest.mark.parametrize(("file_system", "words"), [("tmpfs", "is in memory"), ("overlay", "is inside the container")])
def test_a_folder_that_does_not_survive(check, monkeypatch, file_system, words):
    monkeypatch.setattr(connect, "_file_system", lambda folder: file_system)
    with StowServer() as server:
        code, text = check(stow(server.url))
    assert code == 69
    assert words in text


def test_connect_without_check_is_a_wrong_command_line(capsys):
    with pytest.raises(SystemExit):
        main(["--settings", "gateway.yaml", "--connect"])
