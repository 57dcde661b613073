# make demo               environment, a phantom study, the app on it: a Syn-CTA series and a preview picture
# make demo INPUT=DIR     the app on your own DICOM folder
# make test               environment and the whole test suite, ruff included
# make clean              removes the environment and what demo made

BASE_PYTHON ?= $(shell command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
PYTHON := $(VENV)/bin/python
DEMO := demo
INPUT ?= $(DEMO)/ncct
OUTPUT ?= $(DEMO)/output

.PHONY: env demo test clean

env: $(VENV)/.installed

# The second line of the recipe lets holoscan find its CUDA runtime library on machines without a CUDA toolkit.
$(VENV)/.installed: requirements.txt pyproject.toml app/cuda_runtime.py
	@$(BASE_PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v in [(3, 11), (3, 12)] else f"Python 3.11 or 3.12 is needed, found {v[0]}.{v[1]}: set BASE_PYTHON.")'
	$(BASE_PYTHON) -m venv $(VENV)
	$(PYTHON) -m pip install --disable-pip-version-check --quiet --progress-bar off --requirement requirements.txt
	$(PYTHON) -m pip install --disable-pip-version-check --quiet --progress-bar off --editable '.[test]'
	$(PYTHON) app/cuda_runtime.py
	@touch $@

$(DEMO)/ncct: | env
	rm -rf $@.part
	cd bundle && ../$(PYTHON) -m scripts.phantom dicom --out ../$@.part --seed 2024 --region chest --slices 48
	mv $@.part $@

demo: env $(if $(filter $(DEMO)/ncct,$(INPUT)),$(DEMO)/ncct)
	$(PYTHON) -m app -i '$(INPUT)' -o '$(OUTPUT)' --overwrite
	@echo
	@echo "Syn-CTA series  $(OUTPUT)/syn-cta"
	@echo "run record      $(OUTPUT)/result.json"
	@echo "preview         $(OUTPUT)/preview.png"

test: env
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(PYTHON) -m pytest

clean:
	rm -rf $(VENV) $(DEMO)
