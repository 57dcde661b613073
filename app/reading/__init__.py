"""The reading study: blinded readers score real CTA and Syn-CTA and name a diagnosis; the report compares both.

`protocol` (what is asked, of whom, in which order) -> `intake` (pairs of series become blinded volumes) -> `study` (the
web application with its database) -> `record` (hash chain, export) -> `statistics` -> `report`. It needs the extra
`reading`; nothing else of the product imports it.
"""
