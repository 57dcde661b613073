"""Sends results to the targets, by C-STORE or STOW-RS."""
