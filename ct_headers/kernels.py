"""Is a reconstruction kernel a sharp one (bone, lung)? The generator was trained on soft kernels."""

import re

_SHARP_WORDS = re.compile(r"BONE|LUNG|SHARP|EDGE|ULTRA|DETAIL|CHEST SHARP|HR", re.IGNORECASE)
_SIEMENS = re.compile(r"^[BHUIJTQ][A-Za-z]?(\d{2})")  # B30f, Br38, I70f, Hr60: the number grows with sharpness
_CANON = re.compile(r"^FC(\d{2})")  # FC01..FC29 body and soft, FC30.. bone, FC50.. lung, FC80.. high resolution
_PHILIPS_SHARP = re.compile(r"^(D|E|F|L|YA|YB|YC|YD|SC|EC)$")

_SIEMENS_SHARP_FROM = 50
_CANON_SHARP_FROM = 30


def is_sharp_kernel(kernel: str) -> bool:
    """Tell sharp kernels from soft ones by the vendors' naming.

    Args:
        kernel: first value of Convolution Kernel (0018,1210).

    Returns:
        True for a kernel known as sharp; False for a soft or an unknown one.
    """
    name = kernel.strip()
    if match := _SIEMENS.match(name):
        return int(match.group(1)) >= _SIEMENS_SHARP_FROM
    if match := _CANON.match(name.upper()):
        return int(match.group(1)) >= _CANON_SHARP_FROM
    return bool(_PHILIPS_SHARP.match(name.upper()) or _SHARP_WORDS.search(name))
