"""The files that a run writes beside the series: result.json for machines, preview.png and result.html for people."""
