"""Sharp and soft kernels by name."""

import pytest

from ct_headers.kernels import is_sharp_kernel
from tests.header_words import SHARP_KERNELS, SOFT_KERNELS


@pytest.mark.parametrize("kernel", SHARP_KERNELS)
def test_a_kernel_for_lung_or_bone_is_sharp(kernel):
    assert is_sharp_kernel(kernel)


@pytest.mark.parametrize("kernel", SOFT_KERNELS)
def test_any_other_kernel_is_soft(kernel):
    assert not is_sharp_kernel(kernel)
