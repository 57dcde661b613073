"""Runs the app on the jobs, one after the other."""
