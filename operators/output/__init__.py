"""Last stage: series, companions, preview and result.json, all or nothing."""
