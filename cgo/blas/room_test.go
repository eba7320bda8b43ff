//go:build cgo && !windows

package blas

import (
	"strings"
	"testing"
)

// TestCrowded: a thousand terabytes do not fit into the addresses that a process has.
func TestCrowded(t *testing.T) {
	if got := crowded(1 << 23); !strings.Contains(got, "GOMAXPROCS=8388608") || !strings.Contains(got, "pure Go") {
		t.Errorf("got %q", got)
	}
}
