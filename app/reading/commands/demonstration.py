"""The command demo."""

import argparse

from app.reading.demo.run import run_demonstration


def run_demo(arguments: argparse.Namespace) -> int:
    """demo."""
    run_demonstration(arguments.folder, pairs=arguments.pairs)
    return 0
