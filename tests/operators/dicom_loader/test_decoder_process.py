"""A decoder that crashes ends a process of its own; the run refuses the series as damaged and goes on."""

import os
import signal
import sys

import numpy as np
import pytest
from pydicom.uid import JPEGLSLossless

from app.failures import as_refusal
from operators.dicom_loader import decoder_process, pixels
from operators.dicom_loader.decoder_process import DecoderProcess
from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.pixels import load_hu
from operators.dicom_loader.scan import scan_files
from operators.errors import Reason, Refusal
from tests.dicom_series import body_hu, ct_slice, write_series
from tests.mutated_series import mutated_case

pytestmark = pytest.mark.slow


def compressed(folder):
    """Slices of a sound JPEG-LS series."""
    for i, plane_hu in enumerate(body_hu()):
        ds = ct_slice(plane_hu, i)
        ds.compress(JPEGLSLossless, generate_instance_uid=False)
        ds.save_as(folder / f"{i}.dcm", enforce_file_format=True)
    return scan_files(sorted(folder.iterdir())).series.popitem()[1]


@pytest.fixture
def slices(tmp_path):
    return compressed(tmp_path)


def refusal_of(slices):
    with pytest.raises((Refusal, MemoryError)) as refusal:
        load_hu(slices)
    return as_refusal(refusal.value)


def decoder_that(statement, monkeypatch):
    monkeypatch.setattr(decoder_process, "COMMAND", [sys.executable, "-c", f"import os, sys; {statement}"])


def children():
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return file.read().split()


@pytest.mark.parametrize("case", [915779, 916224])
def test_a_file_that_crashes_its_decoder_is_refused_as_corrupt(tmp_path, monkeypatch, case):
    monkeypatch.setattr(pixels, "PLUGINS", {})  # GDCM is asked first then, which these bytes end with a signal
    for i, content in enumerate(mutated_case(case)):
        (tmp_path / str(i)).write_bytes(content)
    with pytest.raises(Refusal) as refusal:
        load_ncct_series(tmp_path)
    assert refusal.value.reason is Reason.CORRUPT


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL])
def test_every_signal_of_a_crash_is_a_damaged_file(slices, monkeypatch, number):
    decoder_that(f"sys.stdin.readline(); os.kill(os.getpid(), {int(number)})", monkeypatch)
    assert refusal_of(slices).reason is Reason.CORRUPT


def test_a_decoder_that_the_system_kills_lacked_memory(slices, monkeypatch):
    decoder_that(f"sys.stdin.readline(); os.kill(os.getpid(), {int(signal.SIGKILL)})", monkeypatch)
    assert refusal_of(slices).reason is Reason.OUT_OF_MEMORY


def test_a_decoder_that_dies_before_it_is_asked_is_told_too(slices, monkeypatch):
    decoder_that("os.abort()", monkeypatch)
    assert refusal_of(slices).reason is Reason.CORRUPT


def test_a_slice_cut_off_by_the_crash_is_not_taken(slices, monkeypatch):
    answer = r"""print('{"file": 0, "shape": [40, 48], "dtype": "<u2"}'); print("x" * 100, flush=True); os.abort()"""
    decoder_that(f"sys.stdin.readline(); {answer}", monkeypatch)
    assert refusal_of(slices).reason is Reason.CORRUPT


def test_more_bytes_than_a_slice_has_are_not_asked_for(slices, monkeypatch):
    answer = r"""print('{"file": 0, "shape": [4000000, 4000000], "dtype": "<u2"}', flush=True); sys.stdin.read()"""
    decoder_that(f"sys.stdin.readline(); {answer}", monkeypatch)
    assert refusal_of(slices).reason is Reason.CORRUPT


def test_a_kept_process_decodes_again_after_a_crash(slices, monkeypatch):
    with DecoderProcess() as decoder:
        with monkeypatch.context() as crashing:
            decoder_that("sys.stdin.readline(); os.abort()", crashing)
            with pytest.raises(Refusal):
                load_hu(slices, decoder)
        assert np.array_equal(load_hu(slices, decoder).hu, body_hu())


def test_a_kept_process_is_started_once(slices):
    with DecoderProcess() as decoder:
        load_hu(slices, decoder)
        first = children()
        load_hu(slices[:3], decoder)
        assert children() == first


def test_no_process_is_left(slices):
    before = children()
    load_hu(slices)
    assert children() == before


def test_uncompressed_series_need_no_process(tmp_path, monkeypatch):
    decoder_that("os.abort()", monkeypatch)
    (found,) = scan_files(sorted(write_series(tmp_path).iterdir())).series.values()
    assert load_hu(found).hu.shape[0] == len(found)


def test_a_compressed_slice_that_vanished_is_unreadable(slices):
    slices[3].path.unlink()
    assert refusal_of(slices).reason is Reason.UNREADABLE
