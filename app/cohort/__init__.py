"""Many studies: a manifest, what of it is done, and how the rest is run (docs/scale.md)."""
