"""Console scripts that pip installs: `syn-cta`, `syn-cta-gateway`, `syn-cta-view`."""

from typing import NoReturn

from app.termination import end_cleanly_on_signals


def syn_cta() -> int:
    """`python -m app`."""
    from app.cli import main

    end_cleanly_on_signals()
    return main()


def gateway() -> NoReturn:
    """`python -m app.gateway`."""
    from app.gateway.__main__ import run_and_exit

    run_and_exit()


def view() -> int:
    """`python -m app.viewer`."""
    from app.viewer.cli import main

    return main()
