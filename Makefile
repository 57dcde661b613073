# make demo               environment, a phantom study, the app on it: a Syn-CTA series and a preview picture
# make demo INPUT=DIR     the app on your own DICOM folder
# make view               NCCT, Syn-CTA and difference in the browser, after make demo; INPUT= and OUTPUT= as there
# make viewer             builds the page for it, which needs an npm registry once
# make reading-demo       a reading study of 12 phantoms with simulated readers, and its report
# make check              the loop of a minute: style, types, direction of imports, fast tests
# make test               style, types and the whole test suite, but for what has a target of its own below
# make coverage           make test with the share of lines that it runs; fails below the floor of pyproject.toml
# make test-pacs          the tests against real peers (Orthanc, dcmtk), which it installs; Debian, as root
# make test-browser       viewer and reading study in Chromium, with Postgres and nginx, which it installs; Debian, as root
# make map                the MONAI Application Package, with docker, podman or buildah; options below
# make test-map           builds it on a base made by debootstrap and runs it as hospitals do; Debian, as root
# make wheel              build/wheel/*.whl with bundle, weights, settings and viewer inside
# make bundle             build/bundle/*.zip, the MONAI bundle as its users exchange it
# make lock               pins what is in it, after a change of requirements.txt
# make help               this list
# make clean              removes the environment and what demo made

# The first that runs and is 3.11 or 3.12; version managers leave commands on the path that do not run.
BASE_PYTHON ?= $(shell for python in python3 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
	&& echo $$python && break; done)
VENV := .venv
PYTHON := $(VENV)/bin/python
DEMO := demo
VIEWER := app/viewer/web/built/index.html
READING_DEMO := $(DEMO)/reading
INPUT ?= $(DEMO)/ncct
# Results of own folders lie apart, of folders of the same name too: demo/output-NAME-NUMBER, the number from the path.
OUTPUT ?= $(DEMO)/output$(if $(filter $(DEMO)/ncct,$(INPUT)),,$(shell folder=$$(realpath -m -- '$(INPUT)'); \
	printf -- '-%s-%s' "$$(basename -- "$$folder")" "$$(printf %s "$$folder" | cksum | cut -d' ' -f1)"))
OF_OWN_FOLDER = $(if $(filter $(DEMO)/ncct,$(INPUT)),, INPUT="$(INPUT)")$(if $(filter command%,$(origin OUTPUT)), OUTPUT="$(OUTPUT)")

# Of `make map`, all optional: VARIANT=cuda BASE_IMAGE=name TAG=name:tag ARCHIVE=file.tar MODEL=bundle; the rest by
# MAP_OPTIONS, which `.venv/bin/python -m deploy.map.build -h` lists.
MAP_OPTIONS ?=
UV := uv==0.13.8

# Processes of the test suite: 3 for two cores, since one of them often waits for an app that its test has started; others
# by JOBS=8, and JOBS=0 for none but this one, as a debugger wants. A file's tests stay in one process, files begin in the
# order of tests/conftest.py, and OpenMP threads of several processes would fight for the cores.
JOBS ?= 3
PYTEST = $(if $(filter-out 0,$(JOBS)),OMP_NUM_THREADS=1) $(PYTHON) -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

# Tests start the app and trainings many times: without compiled files each start would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: env demo reading-demo viewer view style types check test coverage test-pacs map test-map test-browser wheel bundle lock clean help

env: $(VENV)/.installed

# The last commands of the recipe let holoscan find its CUDA runtime library on machines without a CUDA toolkit, say
# nothing of the stack where MONAI imports it for nothing, and refuse a misspelt setting before that import.
$(VENV)/.installed: requirements.txt pyproject.toml app/cuda_runtime.py app/stack_limit.py bundle/scripts/command_line.py
	@test -n '$(BASE_PYTHON)' || { echo 'Python 3.11 or 3.12 is needed and was not found: make BASE_PYTHON=/path/to/python'; exit 1; }
	$(BASE_PYTHON) -m venv $(VENV)
	$(PYTHON) -m pip install --disable-pip-version-check --quiet --progress-bar off --requirement requirements.txt
	$(PYTHON) -m pip install --disable-pip-version-check --quiet --progress-bar off --editable '.[test,cohort,reading]'
	$(PYTHON) app/cuda_runtime.py
	$(PYTHON) app/stack_limit.py
	$(PYTHON) bundle/scripts/command_line.py
	@touch $@

$(DEMO)/ncct: | env
	rm -rf $@.part
	cd bundle && ../$(PYTHON) -m cohorts.phantom dicom --out ../$@.part --seed 2024 --region chest --slices 48
	mv $@.part $@

demo: env $(if $(filter $(DEMO)/ncct,$(INPUT)),$(DEMO)/ncct)
	$(PYTHON) -m app -i '$(INPUT)' -o '$(OUTPUT)' --overwrite
	@echo
	@echo 'NCCT                  $(INPUT)'
	@echo 'Syn-CTA series        $(OUTPUT)/syn-cta'
	@echo 'PDF and other DICOM   $(OUTPUT)/companions'
	@echo 'preview               $(OUTPUT)/preview.png'
	@echo 'both to scroll        $(OUTPUT)/result.html'
	@echo 'run record            $(OUTPUT)/result.json'
	@echo 'in the viewer         make view$(OF_OWN_FOLDER)'

viewer: $(VIEWER)

# Node and npm come from a wheel; only this step needs an npm registry.
$(VIEWER): $(wildcard app/viewer/web/src/*) app/viewer/web/package-lock.json app/viewer/build.py | env
	$(PYTHON) -m pip install --disable-pip-version-check --quiet --progress-bar off --editable '.[viewer]'
	$(PYTHON) -m app.viewer.build

view: env viewer
	@test -f '$(OUTPUT)/result.json' || { echo 'There is no result in $(OUTPUT) yet: make demo$(OF_OWN_FOLDER)'; exit 1; }
	$(PYTHON) -m app.viewer '$(OUTPUT)' --source '$(INPUT)'

reading-demo: env
	rm -rf '$(READING_DEMO)'
	$(PYTHON) -m app.reading demo '$(READING_DEMO)'

style: env
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check

types: env
	$(VENV)/bin/mypy

check: style types
	$(PYTEST) -m 'not slow and not pacs and not browser'

# Networks that one process of the suite has converted serve the others too.
CONVERTED := $(CURDIR)/build/converted
define SUITE
	rm -rf $(CONVERTED)
	$(PYTEST) -m 'not pacs and not browser' $(MEASURE)
endef
test coverage: export SYN_CTA_CACHE = $(CONVERTED)

test: style types
	$(SUITE)

coverage: MEASURE := --cov --cov-report= --cov-fail-under=0
coverage: style types
	rm -f .coverage .coverage.*
	$(SUITE)
	$(VENV)/bin/coverage html --quiet --fail-under=0 --directory build/coverage
	$(VENV)/bin/coverage report --skip-covered

test-pacs: env
	tests/pacs/install_peers.sh
	$(PYTHON) -m pytest -m pacs tests/pacs

test-browser: env viewer
	PYTHON=$(PYTHON) tests/browser/install_browser.sh
	$(PYTHON) -m pytest -m browser tests/browser
	$(PYTHON) -m pytest tests/app/reading/test_kill_9.py tests/app/reading/test_postgres.py tests/app/reading/test_behind_proxy.py

map: env
	-@$(MAKE) --no-print-directory viewer
	$(PYTHON) -m deploy.map.build $(if $(VARIANT),--variant '$(VARIANT)') $(if $(BASE_IMAGE),--base-image '$(BASE_IMAGE)') \
	  $(if $(TAG),--tag '$(TAG)') $(if $(ARCHIVE),--archive '$(ARCHIVE)') $(if $(MODEL),--bundle '$(MODEL)') $(MAP_OPTIONS)

test-map: env
	PYTHON=$(PYTHON) deploy/map/test.sh

wheel: env
	-@$(MAKE) --no-print-directory viewer
	$(PYTHON) -m pip wheel --disable-pip-version-check --quiet --no-deps --wheel-dir build/wheel .
	@ls build/wheel/*.whl

# As MONAI users exchange it: bundle name, version, one folder inside.
bundle: env
	$(PYTHON) -m deploy.bundle_zip build/bundle

lock: env
	$(PYTHON) -m pip install --disable-pip-version-check --quiet --progress-bar off $(UV)
	$(PYTHON) -m deploy.map.lock

clean:
	rm -rf $(VENV) $(DEMO) build/map $(CONVERTED)

help:
	@sed -n '/^# make/p' Makefile | cut -c3-
