"""How a line of the log looks."""

import logging
from datetime import datetime, timedelta

import pytest

from app.logs import set_up_logging


@pytest.fixture
def _restored_loggers():
    loggers = [logging.getLogger(name) for name in ("app", "operators", "scripts")]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.mark.usefixtures("_restored_loggers")
def test_a_line_tells_date_time_and_offset(capsys):
    set_up_logging("INFO")
    logging.getLogger("app.gateway").info("something happened")
    time, level, text = capsys.readouterr().err.strip().split(maxsplit=2)
    assert datetime.now().astimezone() - datetime.fromisoformat(time) < timedelta(minutes=1)
    assert (level, text) == ("INFO", "something happened")
