"""Commands before there is a study: protocol, plan."""

import argparse

from app.reading.protocol.power import expectations
from app.reading.protocol.protocol import DEFAULT, read_protocol


def run_protocol(arguments: argparse.Namespace) -> int:
    """protocol."""
    print(DEFAULT.read_text(encoding="utf-8"), end="")
    return 0


def run_plan(arguments: argparse.Namespace) -> int:
    """plan."""
    protocol = read_protocol(arguments.protocol)
    primary, planning = protocol.primary, protocol.planning
    print(
        f"Primary endpoint: {primary.criterion} of {primary.at_least} or more, Syn-CTA not worse than CTA by "
        f"{primary.margin:.0%}\nExpected shares: CTA {planning.share_cta:.0%}, Syn-CTA {planning.share_syn_cta:.0%}, "
        f"correlation {planning.correlation:g}; {planning.simulations} simulated studies each\n"
    )
    print("patients   power   width of the interval of: difference   Syn-CTA share   readers' AC1")
    for row in expectations(protocol):
        print(
            f"{row.patients:8}  {row.power:6.1%} {row.difference_width:37.3f} {row.share_width:15.3f} "
            f"{row.ac1_width:14.3f}",
            flush=True,
        )
    return 0
