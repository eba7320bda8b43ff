package kernels_test

import (
	"strings"
	"testing"

	"udml-gpu/kernels"
)

func TestGPUSourceHash(t *testing.T) {
	if h := kernels.SourceHash(); len(h) != 16 || strings.Trim(h, "0123456789abcdef") != "" {
		t.Errorf("hash %q", h)
	}
}
