#!/usr/bin/env bash
# All tests and measurements that need a GPU, in one run of at most eight minutes:
#
#   benchmarks/gpu.sh OUT          # OUT/gpu.json, OUT/gpu.md, OUT/tests.xml
#   benchmarks/gpu.sh OUT --tiny   # the same with tiny sizes on the CPU: shows that it runs
#
# Runs the tests that carry the marker gpu, then times synthesis and training (benchmarks/gpu.py -h). It needs no network
# and no Holoscan, only PyTorch with CUDA and the packages of benchmarks/gpu-requirements.txt. PYTHON is the interpreter.
# Exit code 1 if a test or a measurement fails; the other measurements are written all the same.
set -u
out=$(mkdir -p "${1:?usage: benchmarks/gpu.sh OUT [--tiny]}" && cd "$1" && pwd) || exit 2
shift
cd "$(dirname "$0")/.." || exit 2
python=${PYTHON:-python3}
export SYN_CTA_TEST_DEVICE=cuda PYTHONUNBUFFERED=1
tests_s=180 measuring_s=300
case " $* " in *" --tiny "*) export SYN_CTA_TEST_DEVICE=cpu; tests_s=1800 measuring_s=1800 ;; esac

failed=0
timeout $tests_s "$python" -m pytest -q -m gpu -p no:cacheprovider --durations 5 --junitxml "$out/tests.xml" tests/gpu || failed=1
timeout $measuring_s "$python" benchmarks/gpu.py --out "$out" "$@" || failed=1
exit $failed
