"""The four stages of the app and the code behind them, from DICOM NCCT series to DICOM Syn-CTA series.

`dicom_loader` -> `resample` -> `synthesis` -> `dicom_writer`; `report` writes result.json and preview.png. Each folder
holds a core that knows nothing of Holoscan and an `operator.py` that wraps it. The stages reach the MONAI bundle only
through its inference config (`inference_bundle.py`).
"""
