"""Sends results to a DICOMweb server by STOW-RS. Sending an object again is harmless."""

import contextlib
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from app.gateway.send.stow_answer import check_stored
from app.gateway.send.targets import DeliveryFailed, DeliveryStopped, Stop, read_result
from app.gateway.settings import StowTarget

_BATCH_BYTES = 32 << 20
_LONGEST_ANSWER_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 16
_PAGE = 1000  # instances of a search; a server may give fewer


class WebTarget:
    """A DICOMweb server that takes results by STOW-RS.

    Args:
        settings: address of the server and how to log in.
    """

    def __init__(self, settings: StowTarget) -> None:
        self.name = settings.name
        self._settings = settings
        self._url = settings.url.rstrip("/")

    def check(self) -> str:
        """Search for any one study; see `Target`. A server that only stores may answer that it cannot search."""
        with self._failures(), self._session() as session:
            status, _, _ = self._ask(
                session, "GET", "/studies", params={"limit": 1}, headers={"Accept": "application/dicom+json"}
            )
        if status in (401, 403) or 300 <= status < 400 or status >= 500:
            raise DeliveryFailed(f"http_{status}")
        return f"answers (HTTP {status})"

    @property
    def commitment_timeout_s(self) -> float | None:
        """None: a DICOMweb server is asked by a search, with `verify`."""
        return None

    def ask_for_commitment(self, files: list[Path], transaction_uid: str) -> None:
        """Never called."""
        raise NotImplementedError

    def send(self, files: list[Path], stop: Stop) -> None:
        """Send DICOM files in a few requests; see `Target`."""
        verify = self._settings.verify
        with self._failures(), self._session() as session:
            # some servers refuse objects that they already have; after a try that failed halfway, only the rest is sent
            for batch in _batches(self._not_found(session, files, stop) if verify else files):
                if stop.is_set():
                    raise DeliveryStopped
                self._store(session, batch)
            if verify and self._not_found(session, files, stop):
                raise DeliveryFailed("stow_not_found_afterwards")

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Convert the errors of a request to `DeliveryFailed`."""
        try:
            yield
        except (requests.RequestException, HTTPError) as error:
            raise DeliveryFailed(f"unreachable_{type(error).__name__}") from error
        except (OSError, ValueError) as error:  # the file of a secret or certificate is missing
            raise DeliveryFailed(type(error).__name__) from error

    def _session(self) -> requests.Session:
        settings = self._settings
        session = requests.Session()
        session.trust_env = False  # use no proxy and no .netrc that gateway.yaml does not name
        if settings.username is not None and settings.password_file is not None:
            session.auth = (settings.username, _secret(settings.password_file))
        if settings.token_file is not None:
            session.headers["Authorization"] = f"Bearer {_secret(settings.token_file)}"
        if settings.tls is not None:
            if settings.tls.ca is not None:
                session.verify = str(settings.tls.ca)
            if settings.tls.certificate is not None:
                session.cert = (str(settings.tls.certificate), str(settings.tls.key))
        return session

    def _store(self, session: requests.Session, files: list[Path]) -> None:
        sent = [str(read_result(file, pixels=False).SOPInstanceUID) for file in files]
        boundary = uuid.uuid4().hex
        status, content_type, body = self._ask(
            session,
            "POST",
            "/studies",
            data=_multipart(files, boundary),
            headers={
                "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
                "Accept": "application/dicom+json",
            },
        )
        check_stored(status, content_type, body, sent)

    def _not_found(self, session: requests.Session, files: list[Path], stop: Stop) -> list[Path]:
        """Objects that a search of their series (QIDO-RS) does not find."""
        headers = {file: read_result(file, pixels=False) for file in files}
        found: set[str] = set()
        for study, series in {(str(ds.StudyInstanceUID), str(ds.SeriesInstanceUID)) for ds in headers.values()}:
            offset = 0
            while new := set(page := self._search(session, study, series, offset)) - found:  # some ignore the offset
                if stop.is_set():
                    raise DeliveryStopped
                found |= new
                offset += len(page)
        return [file for file, ds in headers.items() if ds.SOPInstanceUID not in found]

    def _search(self, session: requests.Session, study: str, series: str, offset: int) -> list[str]:
        status, _, body = self._ask(
            session,
            "GET",
            f"/studies/{study}/series/{series}/instances",
            params={"limit": _PAGE, "offset": offset},
            headers={"Accept": "application/dicom+json"},
        )
        if status in (204, 404):  # none; no such series
            return []
        if status != 200:
            raise DeliveryFailed(f"qido_http_{status}")
        try:
            return [str(found["00080018"]["Value"][0]) for found in json.loads(body)]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise DeliveryFailed("qido_answer_not_dicom") from error

    def _ask(self, session: requests.Session, method: str, path: str, **request: Any) -> tuple[int, str, bytes]:
        """Send one request; returns status, media type and body of the answer.

        No redirect is followed: a POST would become a GET, or the series would go to an unknown host.
        """
        with session.request(
            method, self._url + path, timeout=self._settings.timeout_s, allow_redirects=False, stream=True, **request
        ) as answer:
            body = bytearray()
            end_s = time.monotonic() + self._settings.timeout_s
            while chunk := answer.raw.read1(_CHUNK_BYTES, decode_content=True):  # slow ones end in time
                body += chunk
                if len(body) > _LONGEST_ANSWER_BYTES or time.monotonic() > end_s:
                    raise DeliveryFailed("answer_too_long")
            return answer.status_code, answer.headers.get("Content-Type", ""), bytes(body)


def _multipart(files: list[Path], boundary: str) -> bytes:
    """The body of a STOW-RS request, one part for each file as it lies on the disk (PS3.18 10.5.1)."""
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + file.read_bytes() + b"\r\n" for file in files) + f"--{boundary}--\r\n".encode()


def _batches(files: list[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    size = 0
    for file in files:
        length = file.stat().st_size
        if batch and size + length > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += length
    if batch:
        yield batch


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
