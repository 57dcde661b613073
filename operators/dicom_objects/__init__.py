"""What all DICOM objects of a run share: patient and study, UIDs, equipment, the mark "synthetic", settings."""
