"""A protocol is checked and has one digest."""

import pytest

from app.reading.protocol.protocol import DEFAULT, Protocol, protocol_from, read_protocol
from operators.errors import Refusal


def test_the_commented_file_holds_the_defaults():
    assert read_protocol(DEFAULT) == Protocol()


def test_the_digest_follows_the_content_and_not_the_layout(tmp_path):
    (tmp_path / "a.yaml").write_text("seed: 5\nalpha: 0.05\n")
    (tmp_path / "b.yaml").write_text("# a comment\nalpha: 0.05\nseed: 5\n")
    assert read_protocol(tmp_path / "a.yaml").sha256 == read_protocol(tmp_path / "b.yaml").sha256


def test_another_margin_gives_another_digest():
    assert protocol_from({"primary": {"margin": 0.05}}).sha256 != Protocol().sha256


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"washout": 3}, "washout"),
        ({"washout_days": -1}, "washout_days"),
        ({"readers": 1}, "readers"),
        ({"primary": {"criterion": "beauty"}}, "primary.criterion"),
        ({"primary": {"at_least": 1}}, "primary.at_least"),
        ({"seed": True}, "seed"),
        ([], "mapping"),
    ],
)
def test_a_wrong_protocol_is_refused_and_the_key_is_named(content, named):
    with pytest.raises(Refusal, match=named):
        protocol_from(content)
