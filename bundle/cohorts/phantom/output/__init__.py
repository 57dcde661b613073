"""Phantoms as files: NIfTI, DICOM, a cohort with its datalist, a contact sheet."""
