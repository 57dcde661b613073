"""DICOM loader: finds, checks and reads the NCCT series of a folder (dicom.md 1 and 4).

`scan` -> `selection` (`contrast`, `kernel`) -> `checks` -> `geometry` -> `pixels` -> `enhancement`, chained by `load`.
More input gates (anatomy, metal) belong beside `enhancement`.
"""
