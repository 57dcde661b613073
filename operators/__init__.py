"""The four stages of the app and the code behind them, from DICOM NCCT series to DICOM Syn-CTA series.

`dicom_loader` -> `preprocessing` -> `synthesis` -> `output`. The last stage uses `dicom_writer` (image series),
`companions` (presentation state, reports) and `report` (preview, PDF, result.json). A stage is a core that does not
import Holoscan, and an `operator.py` that wraps it. The stages reach the MONAI bundle only through its inference config
(`bundle/inference_bundle.py`).
"""
