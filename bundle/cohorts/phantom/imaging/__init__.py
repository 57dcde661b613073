"""From anatomy to images: movement between two scans, and the scanner."""
