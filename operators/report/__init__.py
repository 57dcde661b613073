"""What a run leaves beside the series: result.json for machines, preview.png and result.html for people."""
