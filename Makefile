# udml-gpu: `make demo` and `make test-cpu` are all that a fresh machine needs. Go 1.26 is the only requirement.
GO ?= go
BIN := bin/udml-gpu
DEMO_RUN ?= runs/demo
PYTHON ?= python3

# Lets the recipe's go commands build the CUDA backend where it can be built; else one line says why not and they leave it out (UDML_CUDA=0
# leaves it out always, UDML_CUDA=1 fails instead).
WITH_CUDA := flags=$$(GO="$(GO)" scripts/cuda_flags.sh) && eval "$$flags"
CUDA_INCLUDE = $$(sed -n 's/^CUDA_INCLUDE=//p' build/toolchain/env.mk)

.PHONY: demo build test-cpu test-gpu torture bundle check bench-cpu goldens toolchain shim kernels emu emu-selftest clean

# Kernels are compiled again where the compiler is already there; make kernels fetches it.
build:
	$(WITH_CUDA) && if [ -n "$$UDML_NVCC" ]; then scripts/kernels.sh "$$UDML_NVCC"; fi && \
	$(GO) build -trimpath -o $(BIN) ./cmd/udml-gpu

# Trains on the embedded Omniglot images: 100 classes, 2 epochs; quality is measured on classes never seen.
demo: build
	rm -rf $(DEMO_RUN)
	$(BIN) train --demo --backbone conv4 --channels 1 --invert --epochs 2 --batch 16 --clusters 64 --out $(DEMO_RUN)

test-cpu:
	GO="$(GO)" scripts/test_emulated.sh build
	$(WITH_CUDA) && $(GO) vet ./... && $(GO) test ./...
	GO="$(GO)" scripts/test_emulated.sh run

# Kills a short run at KILLS instants drawn from SEED, resumes it each time, and compares the result byte by byte with that of an
# undisturbed run. `make test-cpu` does it 20 times.
KILLS ?= 200
SEED ?= 2
torture:
	UDML_KILLS=$(KILLS) UDML_SEED=$(SEED) $(GO) test -count=1 -v -timeout 60m -run '^TestTorture$$' ./cmd/udml-gpu

# The same cases as on the emulated device, on a real GPU; without one they fail.
test-gpu:
	export UDML_CUDA=1 && $(WITH_CUDA) && if [ -n "$$UDML_NVCC" ]; then scripts/kernels.sh "$$UDML_NVCC"; fi && \
	REQUIRE_CUDA=1 $(GO) test -count=1 -run 'Parity|GPU|Goldens|Scripts/^gpu(_bench)?$$' $$(scripts/gpu_packages.sh)

# build/udml-gpu-bundle.tar.gz: tests, benchmarks and program for a machine that has a GPU but neither Go nor a network.
bundle: kernels
	GO="$(GO)" scripts/bundle.sh

# What the continuous integration runs after the tests.
check:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not gofmt'd: $$unformatted"; exit 1; fi
	$(WITH_CUDA) && $(GO) vet ./... && $(GO) tool staticcheck ./...
	$(GO) vet ./... && $(GO) tool staticcheck ./cgo/...
	CGO_ENABLED=0 $(GO) build ./...

bench-cpu: build
	$(BIN) bench --what kernels
	$(BIN) bench --what train --backbone conv4 --size 32 --channels 1 --batch 64
	$(BIN) bench --what train --backbone squeezenet --size 80 --batch 64

# Needs PyTorch (pip install torch==2.8.0 torchvision==0.23.0 scikit-learn pytorch-metric-learning safetensors "pillow<13").
goldens:
	$(PYTHON) scripts/goldens.py
	$(PYTHON) scripts/goldens_eval.py

# NVIDIA's compiler and headers (108 MB), pinned; an installed toolkit 12.x or 13.x (CUDA_HOME) is used instead.
toolchain:
	scripts/toolchain.sh all

# The stand-in for libcuda that the program is linked with, and its checks.
shim:
	scripts/toolchain.sh headers
	scripts/shim_test.sh "$(CUDA_INCLUDE)"

kernels: toolchain
	scripts/kernels.sh

# The emulated device: the kernels compiled for the CPU, and a libcuda.so.1 that runs them.
emu:
	scripts/toolchain.sh headers
	kernels/emu/build.sh build/emu "$(CUDA_INCLUDE)" "$$(scripts/kernel_hash.sh)"

# Kernels that are wrong on purpose, one for each thing that the emulated device must notice.
emu-selftest:
	scripts/toolchain.sh headers
	kernels/emu/selftest.sh build/emu-selftest "$(CUDA_INCLUDE)"

clean:
	rm -rf bin build kernels/fatbin/kernels.fatbin $(DEMO_RUN)
