"""axe-core, the checker of accessibility, as tests/browser/install_browser.sh fetched it."""

import json

from tests.app.gateway.running import ROOT

AXE = ROOT / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


def grave_violations(page: object) -> list[str]:
    """Rules that a page breaks at level serious or above, with the elements."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
    return [
        f"{rule['id']}: {json.dumps([node['html'] for node in rule['nodes']])[:300]}"
        for rule in found
        if rule["impact"] in GRAVE
    ]
