"""DICOM series writer: the Syn-CTA series beside its source.

`series_writer` makes one `SyntheticCTImage` (`sop`) for each source slice; `staging` makes it all or nothing. What goes
with the series (presentation state, reports) is made in `operators.companions`.
"""
