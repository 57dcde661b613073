"""Series that went wrong in every way: seeded mutations of DICOM files, of their bytes and of their elements.

A corpus of small series in several encodings is made on the spot; `mutated` spoils one. Everything follows from the
random generator that is given, so that a case can be repeated.
"""

import io
import os
import random
import struct
import tempfile
from collections.abc import Callable
from functools import cache

import gdcm
import numpy as np
import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from operators.dicom_objects.attributes import READ
from tests.dicom_series import ct_slice
from tests.multi_frame import enhanced_ct, legacy_converted_ct

Files = list[bytes]

_SLICES, _SIDE = 8, 16
_WIDENED_FROM = 10_000_000
"""Numbers of cases from which the widened corpus is spoilt."""

_VALUES = (
    b"",
    b"\0",
    b"\0" * 7,
    b"\xff" * 8,
    b"\x80" * 4,
    b" ",
    b"0",
    b"-0",
    b"-1",
    b"1e400",
    b"-1e400",
    b"nan",
    b"inf",
    b"1e-320",
    b"1e20",
    b"1e38",
    b"99999999999999999999",
    b"2147483648",
    b"65536",
    b"0.0000001",
    b"1\\2\\3",
    b"\\",
    b"\\\\\\\\\\\\",
    b"1,5",
    b"0x10",
    b"1.2.3.4.5",
    b"1." * 60,
    b"\xe4\xb8\xad^\xff\xfe",
    b"A" * 70000,
    b"../../../etc/passwd",
    b"LOCALIZER",
    b"DERIVED",
    b"19500101",
    b"00000000",
)
_REPRESENTATIONS = (
    "DS",
    "IS",
    "US",
    "SS",
    "UL",
    "UI",
    "CS",
    "LO",
    "PN",
    "SQ",
    "UN",
    "OB",
    "OW",
    "FD",
    "AT",
    "DA",
    "UT",
)
_STRUCTURE = (
    "PixelData",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "PlanePositionSequence",
    "PixelMeasuresSequence",
    "PixelValueTransformationSequence",
    "CTImageFrameTypeSequence",
    "ContrastBolusUsageSequence",
    "FrameContentSequence",
    "NumberOfFrames",
    "PlanarConfiguration",
    "SmallestImagePixelValue",
)
_SYNTAXES = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.5",
    "1.2.3.4",
    "",
)


_ENCODING = {
    ImplicitVRLittleEndian: {"implicit_vr": True, "little_endian": True},
    ExplicitVRBigEndian: {"implicit_vr": False, "little_endian": False},
    DeflatedExplicitVRLittleEndian: {"implicit_vr": False, "little_endian": True},
}

# ---- corpus ----


@cache
def corpus() -> dict[str, Files]:
    """Sound series by the name of their encoding."""
    hu = np.random.default_rng(0).integers(-50, 50, (_SLICES, _SIDE, _SIDE)).astype(np.int16)
    slices = [ct_slice(plane_hu, i) for i, plane_hu in enumerate(hu)]
    series = {"explicit": [_written(ds) for ds in slices]}
    for name, syntax in (
        ("implicit", ImplicitVRLittleEndian),
        ("big endian", ExplicitVRBigEndian),
        ("deflated", DeflatedExplicitVRLittleEndian),
    ):
        series[name] = [_written(ds, syntax) for ds in slices]
    for name, syntax in (("RLE", RLELossless), ("JPEG-LS", JPEGLSLossless)):
        series[name] = [_compressed(ct_slice(plane_hu, i), syntax) for i, plane_hu in enumerate(hu)]
    series["enhanced"] = [_written(enhanced_ct(hu))]
    series["legacy converted"] = [_written(legacy_converted_ct(hu))]
    return series


@cache
def widened_corpus() -> dict[str, Files]:
    """The corpus and encodings that GDCM alone writes; the numbers of older cases stay what they were."""
    hu = np.random.default_rng(0).integers(-50, 50, (_SLICES, _SIDE, _SIDE)).astype(np.int16)
    slices = [ct_slice(plane_hu, i) for i, plane_hu in enumerate(hu)]
    return corpus() | {
        name: [_encoded_by_gdcm(_written(ds), kind) for ds in slices]
        for name, kind in (
            ("JPEG lossless", gdcm.TransferSyntax.JPEGLosslessProcess14_1),
            ("JPEG 2000", gdcm.TransferSyntax.JPEG2000Lossless),
        )
    }


def _encoded_by_gdcm(content: bytes, kind: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        plain, encoded = os.path.join(folder, "plain"), os.path.join(folder, "encoded")
        with open(plain, "wb") as file:
            file.write(content)
        reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
        reader.SetFileName(plain)
        assert reader.Read(), "GDCM reads the series"
        change.SetTransferSyntax(gdcm.TransferSyntax(kind))
        change.SetInput(reader.GetImage())
        assert change.Change(), "GDCM encodes the series"
        writer.SetFileName(encoded)
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write(), "GDCM writes the series"
        with open(encoded, "rb") as file:
            return file.read()


def _written(ds: Dataset, syntax: str | None = None) -> bytes:
    """The file that a dataset becomes, in another transfer syntax where one is given."""
    if syntax is not None:
        ds = pydicom.dcmread(io.BytesIO(_written(ds)))
        ds.walk(lambda dataset, element: None)  # values, or they would be written in their former encoding
        if syntax == ExplicitVRBigEndian:
            ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
        ds.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    encoding = {} if syntax is None else _ENCODING[syntax]
    pydicom.dcmwrite(buffer, ds, enforce_file_format=True, **encoding)
    return buffer.getvalue()


def _compressed(ds: FileDataset, syntax: str) -> bytes:
    ds.compress(syntax, generate_instance_uid=False)
    return _written(ds)


# ---- mutations ----


def mutated_case(number: int) -> Files:
    """The spoilt series of a numbered case, the same each time."""
    rng = random.Random(number)
    series = corpus() if number < _WIDENED_FROM else widened_corpus()
    return mutated(series[rng.choice(sorted(series))], rng)


def mutated(files: Files, rng: random.Random) -> Files:
    """Spoil a series.

    Args:
        files: contents of its files.
        rng: decides how.

    Returns:
        New contents; one to all files differ.
    """
    spoilt = list(files)
    for _ in range(rng.randint(1, 3)):
        how = rng.choice(_MUTATIONS)
        chosen = range(len(spoilt)) if rng.random() < 0.4 else [rng.randrange(len(spoilt))]
        seed = rng.getrandbits(32)
        for i in chosen:  # all files in the same way: the checks that compare slices must not hide the others
            spoilt[i] = how(spoilt[i], random.Random(seed))
    return spoilt


def _flip_bits(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randint(1, 12) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    word = rng.choice(
        (b"\0\0", b"\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\xfe\xff\x00\xe0")
    )
    place = rng.randrange(max(1, len(changed)))
    changed[place : place + len(word)] = word
    return bytes(changed)


def _truncate(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _cut_out(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start + rng.randint(1, 64) :]


def _repeat(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + content[start : start + rng.randint(1, 256)] * rng.randint(2, 4) + content[start:]


def _lie_about_a_length(content: bytes, rng: random.Random) -> bytes:
    """Change the two or four bytes behind a value representation."""
    places = [
        i for i in range(132, len(content) - 8) if content[i : i + 2] in (b"DS", b"OW", b"SQ", b"UI", b"US", b"LO")
    ]
    if not places:
        return content
    place = rng.choice(places) + rng.choice((2, 4))
    length = struct.pack("<I", rng.choice((0, 1, 3, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF, len(content), rng.getrandbits(32))))
    return content[:place] + length + content[place + 4 :]


def _change_an_element(content: bytes, rng: random.Random) -> bytes:
    """Give an element an odd value or value representation, or take it away, also inside of functional groups."""
    try:
        ds = pydicom.dcmread(io.BytesIO(content))
        places = [ds]
        for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
            for groups in ds.get(keyword) or ():
                places += [groups, *(element.value[0] for element in groups if element.VR == "SQ" and element.value)]
        place = rng.choice(places) if rng.random() < 0.7 else ds
        present = list(place.keys())
        tag = rng.choice(present) if present and rng.random() < 0.6 else Tag(rng.choice(READ + _STRUCTURE))
        if rng.random() < 0.2:
            place.pop(tag, None)
        else:
            known = pydicom.datadict.dictionary_VR(tag) if rng.random() < 0.7 and not tag.is_private else "UN"
            representation = known.split(" or ")[0] if known != "UN" else rng.choice(_REPRESENTATIONS)
            value = rng.choice(_VALUES)
            if rng.random() < 0.5:  # as many as belong there: the check of their number must not hide the others
                value = b"\\".join([value] * _multiplicity(tag))
            if representation == "SQ":
                value = b""
            little = ds.original_encoding[1] is not False
            place._dict[tag] = RawDataElement(tag, representation, len(value), value, 0, False, little)
        buffer = io.BytesIO()
        pydicom.dcmwrite(buffer, ds, enforce_file_format=False)
        return buffer.getvalue()
    except Exception:  # spoilt too much already to be parsed: spoil the bytes instead
        return _flip_bits(content, rng)


def _multiplicity(tag: BaseTag) -> int:
    """Number of values of an element, 1 where the dictionary does not fix it."""
    known = pydicom.datadict.dictionary_has_tag(tag) and pydicom.datadict.dictionary_VM(tag)
    return int(known) if known and known.isdigit() else 1


def _change_the_syntax(content: bytes, rng: random.Random) -> bytes:
    try:
        ds = pydicom.dcmread(io.BytesIO(content))
        original = str(ds.file_meta.TransferSyntaxUID).encode()
    except Exception:  # as above
        return _flip_bits(content, rng)
    other = rng.choice(_SYNTAXES).encode()
    return content.replace(original, other.ljust(len(original), b"\0")[: len(original)], 1)


def _empty(content: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"", b"\0" * 200, content[128:], b"\0" * 128 + b"DICM", content[:140] + rng.randbytes(300)))


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip_bits,
    _overwrite,
    _truncate,
    _cut_out,
    _repeat,
    _lie_about_a_length,
    _lie_about_a_length,
    *(_change_an_element,) * 8,
    _change_the_syntax,
    _empty,
)
