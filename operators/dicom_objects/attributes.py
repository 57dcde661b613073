"""The attributes of a source CT header that the app reads: what is checked, and what the Syn-CTA object keeps.

Only these are read into memory, so private groups, dose reports and other content of a header cannot leak into a
result or a log. Grouped by the modules of the CT Image IOD (DICOM PS3.3 A.3).
"""

PATIENT = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "TypeOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "PatientBirthDate",
    "PatientBirthTime",
    "PatientSex",
    "OtherPatientIDsSequence",
    "OtherPatientNames",
    "EthnicGroup",
    "PatientComments",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
)
"""Patient module: identity stays unchanged, so that the result is filed beside its source."""

CLINICAL_TRIAL = (
    "ClinicalTrialSponsorName",
    "ClinicalTrialProtocolID",
    "ClinicalTrialProtocolName",
    "ClinicalTrialSiteID",
    "ClinicalTrialSiteName",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID",
)
"""Clinical Trial Subject module, kept for research PACS."""

STUDY = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "IssuerOfAccessionNumberSequence",
    "StudyDescription",
    "ReferringPhysicianName",
    "PhysiciansOfRecord",
    "ProcedureCodeSequence",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "MedicalAlerts",
    "Allergies",
    "SmokingStatus",
    "AdditionalPatientHistory",
    "PregnancyStatus",
    "LastMenstrualDate",
    "PatientState",
)
"""General Study and Patient Study modules."""

SERIES = (
    "RequestAttributesSequence",
    "PatientPosition",
    "BodyPartExamined",
    "Laterality",
    "FrameOfReferenceUID",
    "PositionReferenceIndicator",
)
"""General Series and Frame of Reference modules, as far as they also apply to the result."""

IMAGE = (
    "AcquisitionNumber",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "SliceLocation",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)
"""General Acquisition, General Image and Image Plane modules, slice by slice."""

EQUIPMENT = (
    "Manufacturer",
    "ManufacturerModelName",
    "SoftwareVersions",
    "DeviceSerialNumber",
    "InstitutionName",
)
"""General Equipment module: goes into the contributing equipment, since the result has its own equipment."""

CHECKED = (
    "SpecificCharacterSet",
    "TimezoneOffsetFromUTC",
    "ImageType",
    "SOPClassUID",
    "SOPInstanceUID",
    "Modality",
    "SeriesInstanceUID",
    "SeriesNumber",
    "SeriesDescription",
    "InstanceNumber",
    "SyntheticData",
    "BurnedInAnnotation",
    "AnatomicRegionSequence",
    "ProtocolName",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
    "ContrastBolusAgent",
    "ContrastBolusAgentSequence",
    "ContrastBolusRoute",
    "ContrastBolusAdministrationRouteSequence",
    "ContrastBolusVolume",
    "ContrastBolusTotalDose",
    "ConvolutionKernel",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
)
"""Read for the checks, the choice of the series, the pixels, and what the whole result must state of its source; never
copied slice by slice."""

COPIED = PATIENT + CLINICAL_TRIAL + STUDY + SERIES + IMAGE
"""Copied from each source slice into its Syn-CTA slice."""

READ = COPIED + EQUIPMENT + CHECKED
"""Everything that is read from a source header."""
