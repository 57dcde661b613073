"""The record of a study: the audit chain, its verification, and the export."""
