"""Painted pairs: a real NCCT, untouched, and a CTA that is painted from its hand-marked arteries."""
