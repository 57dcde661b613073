"""DICOM series writer: the Syn-CTA series beside its source (dicom.md 2).

`series_writer` makes one `SyntheticCTImage` (`sop`) for each source slice; `staging` makes it all or nothing. Not
written yet: presentation state, key object note, structured report and PDF. They are series of their own and belong in
modules beside `series_writer`, one for each kind.
"""
