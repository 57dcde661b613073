"""What a run leaves beside the series: result.json for machines and preview.png for people."""
