# udml-gpu: `make demo` and `make test-cpu` are all that a fresh machine needs. Go 1.26 is the only requirement.
GO ?= go
BIN := bin/udml-gpu
DEMO_RUN ?= runs/demo
PYTHON ?= python3

.PHONY: demo build test-cpu check bench-cpu goldens clean

build:
	$(GO) build -trimpath -o $(BIN) ./cmd/udml-gpu

# Trains on the embedded Omniglot images: 100 classes, 2 epochs; quality is measured on classes never seen.
demo: build
	rm -rf $(DEMO_RUN)
	$(BIN) train --demo --backbone conv4 --channels 1 --invert --epochs 2 --batch 16 --clusters 64 --out $(DEMO_RUN)

test-cpu:
	$(GO) vet ./...
	$(GO) test ./...

# What the continuous integration runs after the tests.
check:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not gofmt'd: $$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	CGO_ENABLED=0 $(GO) build ./...

bench-cpu: build
	$(BIN) bench --what kernels
	$(BIN) bench --what train --backbone conv4 --size 32 --channels 1 --batch 64
	$(BIN) bench --what train --backbone squeezenet --size 80 --batch 64

# Needs PyTorch (pip install torch==2.8.0 torchvision==0.23.0 scikit-learn pytorch-metric-learning safetensors pillow).
goldens:
	$(PYTHON) scripts/goldens.py
	$(PYTHON) scripts/goldens_eval.py

clean:
	rm -rf bin build $(DEMO_RUN)
