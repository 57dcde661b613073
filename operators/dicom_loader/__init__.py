"""DICOM loader: finds, checks and reads the NCCT series of a folder (dicom.md 1 and 4).

`files` -> `scan` (`frames` of multi-frame objects) -> `selection` (`images`, `header_findings`, `kernel`) -> then one
series after the other: `checks` -> `geometry` -> `pixels` (`stored_values`) -> `image_findings` (`body`, `enhancement`,
`anatomy`, `metal`), chained by `load`. `gates` says which of them refuse and which warn; `studies` splits a folder for
`--all`. Words and the reading of bare files are those of `ct_headers`.
"""
