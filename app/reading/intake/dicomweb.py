"""Series from a DICOMweb server (QIDO-RS and WADO-RS, DICOM PS3.18), such as Orthanc or a hospital's archive."""

import re
from pathlib import Path

import requests
from dicomweb_client.web import DICOMwebClient

from operators.errors import Reason, Refusal

_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_SERIES, _STUDY = "0020000E", "0020000D"
_TIMEOUT_S = (20.0, 300.0)  # to connect; between two pieces of an answer


def is_uid(text: str) -> bool:
    """Whether a cell of pairs.csv is a Series Instance UID rather than a path."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


class DicomWebServer:
    """A server from which series are fetched. HTTPS is checked against the system's authorities, or REQUESTS_CA_BUNDLE.

    Args:
        url: address of the service, for example https://pacs.example.org/dicom-web.
        user, password: for HTTP Basic authentication; None for none.
    """

    def __init__(self, url: str, user: str | None = None, password: str | None = None) -> None:
        session = requests.Session()
        if user is not None:
            session.auth = (user, password or "")
        try:
            self._client = DICOMwebClient(url.rstrip("/"), session=session, timeout=_TIMEOUT_S)
        except ValueError as error:
            text = "The address of the DICOMweb server must have the form https://host/path."
            raise Refusal(Reason.SETTINGS, text) from error

    def fetch(self, series_uid: str, folder: Path) -> Path:
        """Write a series as DICOM files.

        Args:
            series_uid: Series Instance UID.
            folder: new folder.

        Returns:
            The folder.

        Raises:
            Refusal: NO_INPUT, when the server does not answer as it should; SERIES_NOT_FOUND.
        """
        folder.mkdir()
        try:
            study_uid = self._study_of(series_uid)
            for number, instance in enumerate(self._client.iter_series(study_uid, series_uid)):
                instance.save_as(folder / f"{number}.dcm", enforce_file_format=True)
        except requests.HTTPError as error:
            # The text of the error is not shown: its address holds UIDs.
            status = error.response.status_code if error.response is not None else "an error"
            raise Refusal(
                Reason.NO_INPUT, f"The DICOMweb server answered {status}.{_ADVICE.get(status, '')}"
            ) from error
        except requests.RequestException as error:
            text = f"The DICOMweb server does not answer ({type(error).__name__})."
            raise Refusal(Reason.NO_INPUT, text) from error
        return folder

    def _study_of(self, series_uid: str) -> str:
        found = self._client.search_for_series(search_filters={"SeriesInstanceUID": series_uid})
        for series in found:
            if series.get(_SERIES, {}).get("Value") == [series_uid] and series.get(_STUDY, {}).get("Value"):
                return str(series[_STUDY]["Value"][0])
        raise Refusal(Reason.SERIES_NOT_FOUND, "The DICOMweb server has no series of this Series Instance UID.")


_ADVICE: dict[object, str] = {
    401: " Give --dicomweb-user and --dicomweb-password-file, or check them.",
    403: " Give --dicomweb-user and --dicomweb-password-file, or check them.",
    404: " Check that the address is that of the DICOMweb service; for Orthanc it ends in /dicom-web.",
}
