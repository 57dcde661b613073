"""What bits and padding mean: overlays in unused bits, values at the top of the word, padding inside the body."""

import numpy as np
import pytest

from operators.dicom_loader.load import load_ncct_series
from operators.errors import Reason, Refusal
from tests.dicom_series import body_hu, setting, write_series


def test_bits_above_the_stored_ones_change_no_hu(tmp_path):
    def overlaid(ds, i):
        stored = (body_hu()[i] + 1024).astype("<u2")
        stored[5:9, 5:9] |= 0x1000
        ds.BitsStored, ds.HighBit, ds.PixelData = 12, 11, stored.tobytes()

    series = load_ncct_series(write_series(tmp_path, overlaid))
    assert np.array_equal(series.hu, body_hu())
    assert any("Bits above Bits Stored" in warning for warning in series.warnings)


@pytest.mark.parametrize("high_bit", [12, 15])
def test_values_at_the_top_of_the_word_are_taken_from_there(tmp_path, high_bit):
    def shifted(ds, i):
        ds.BitsStored, ds.HighBit = 12, high_bit
        ds.PixelData = ((body_hu()[i] + 1024).astype("<u2") << (high_bit - 11)).astype("<u2").tobytes()

    assert np.array_equal(load_ncct_series(write_series(tmp_path, shifted)).hu, body_hu())


def test_signed_values_of_12_bits_keep_their_sign(tmp_path):
    def signed(ds, i):
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.RescaleIntercept = 12, 11, 1, "0"
        ds.PixelData = (body_hu()[i] & 0xFFF).astype("<u2").tobytes()

    assert np.array_equal(load_ncct_series(write_series(tmp_path, signed)).hu, body_hu())


@pytest.mark.slow
@pytest.mark.parametrize(("bits", "high_bit"), [(12, 20), (12, 3), (0, 11), (17, 16)])
def test_bits_that_have_no_place_are_no_hu(tmp_path, bits, high_bit):
    with pytest.raises(Refusal) as refusal:
        load_ncct_series(write_series(tmp_path, setting(BitsStored=bits, HighBit=high_bit)))
    assert refusal.value.reason is Reason.NOT_HU


def _signed_padded(value, hu):
    def edit(ds, i):
        ds.PixelRepresentation, ds.RescaleIntercept, ds.PixelPaddingValue = 1, "0", value
        ds.PixelData = hu[i].astype("<i2").tobytes()

    return edit


def test_padding_inside_the_body_keeps_its_hu_and_is_told(tmp_path):
    hu = body_hu()
    hu[:, 18, 20] = 35  # one pixel of the value amid the body
    series = load_ncct_series(write_series(tmp_path, _signed_padded(35, hu)))
    assert np.array_equal(series.hu, hu)
    assert any("inside the body have the Pixel Padding Value" in warning for warning in series.warnings)


def test_padding_around_the_field_becomes_air_whatever_its_value(tmp_path):
    hu = body_hu()
    hu[:, :3] = 0
    series = load_ncct_series(write_series(tmp_path, _signed_padded(0, hu)))
    assert (series.hu[:, :3] == -1000).all()


def test_values_of_64_bits_are_no_hu(tmp_path):
    def widen(ds, i):
        ds.BitsAllocated, ds.PixelData = 64, (body_hu()[i] + 1024).astype("<u8").tobytes()

    with pytest.raises(Refusal) as refusal:
        load_ncct_series(write_series(tmp_path, widen))
    assert refusal.value.reason is Reason.NOT_HU
