package archive

import (
	"strings"
	"testing"
)

// TestReadBounded: a stream that is longer than it claims is cut off.
func TestReadBounded(t *testing.T) {
	was := MaxFileBytes
	defer func() { MaxFileBytes = was }()
	MaxFileBytes = 40
	if _, err := readBounded(strings.NewReader(strings.Repeat("x", 41)), 3, MaxFileBytes); err == nil {
		t.Fatal("41 bytes were read")
	}
	if b, err := readBounded(strings.NewReader(strings.Repeat("x", 40)), 3, MaxFileBytes); err != nil || len(b) != 40 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
}
