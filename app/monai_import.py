"""Import MONAI without the packages that only training uses.

MONAI imports every optional package that it finds. Ignite alone, which brings PyTorch's distributed training, takes as
long as the rest of MONAI. The app trains nothing: without them it starts a third faster.
"""

import sys

_NOT_NEEDED = ("ignite", "matplotlib", "pandas", "scipy.signal", "tensorboard", "torch.utils.tensorboard")


def import_monai() -> None:
    """Import MONAI as if these packages were missing; later imports of them work.

    For processes that train nothing: here MONAI's trainers report that Ignite is missing.
    """
    if "monai" in sys.modules:
        return
    hidden = [name for name in _NOT_NEEDED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails
    try:
        import monai  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]
