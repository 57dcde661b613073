"""DICOM loader: finds, checks and reads the NCCT series of a folder (dicom.md 1 and 4).

`files` -> `scan` (`frames` of multi-frame objects) -> `selection` (`contrast`, `anatomy`, `kernel`) -> `checks` ->
`geometry` -> `pixels` -> `enhancement`, `anatomy`, `metal`, chained by `load`. `gates` says which of them refuse and
which warn; `studies` splits a folder for `--all`.
"""
