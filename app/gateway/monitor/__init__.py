"""Health, metrics and a status page by HTTP."""
