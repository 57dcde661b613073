"""Pages: what a browser asks and gets. Rules are elsewhere."""
