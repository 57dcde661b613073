"""Syn-CTA, the application: command line, settings, and the chain of operators on MONAI Deploy App SDK.

The folder is a MONAI Deploy application: `python -m app`, `python app` and `monai-deploy exec app` run it. The DICOM
node around it is `app.gateway`.
"""
