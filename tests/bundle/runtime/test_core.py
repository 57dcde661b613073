"""Networks come and go; the stack for signal handlers stays."""

import subprocess
import sys

import pytest

_CODE = """
import ctypes, gc, torch
from torch import nn
from scripts.runtime import InferenceNetwork

class Stack(ctypes.Structure):  # stack_t of sigaltstack(2)
    _fields_ = [("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]

with torch.inference_mode():
    networks = []
    for channels in (1, 2, 3):
        networks.append(InferenceNetwork(nn.Conv2d(channels, 1, 3, padding=1).eval(), "openvino"))
        networks[-1](torch.zeros(1, channels, 64, 64))
while networks:
    del networks[0]  # the oldest first
    gc.collect()
stack = Stack()
ctypes.CDLL(None).sigaltstack(None, ctypes.byref(stack))
ranges = [line.split()[0].split("-") for line in open("/proc/self/maps")]
mapped = any(int(first, 16) <= (stack.address or 0) < int(end, 16) for first, end in ranges)
print("none" if stack.address is None else "there" if mapped else "freed")
"""


@pytest.mark.slow
def test_signal_handlers_keep_their_stack_when_networks_end_in_the_order_in_which_they_began(tmp_path, bundle_folder):
    environment = {"PYTHONPATH": str(bundle_folder), "SYN_CTA_CACHE": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", _CODE], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout in ("none\n", "there\n")
