"""DICOM series writer: one `SyntheticCTImage` (`sop`) for each source slice (`series_writer`)."""
