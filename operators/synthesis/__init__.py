"""Synthesis: the bundle's network over the prepared volume, and back to HU on the source grid."""
