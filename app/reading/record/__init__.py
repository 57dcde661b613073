"""The record of a locked study: verification of every row against the audit chain, and the export."""
