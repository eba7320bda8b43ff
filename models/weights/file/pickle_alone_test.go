package file

import (
	"strings"
	"testing"
)

// TestPickleAlone: a pickle that was not written by torch is reported as one, and not as a safetensors file with an absurd header.
func TestPickleAlone(t *testing.T) {
	b := "\x80\x02}q\x00X\x01\x00\x00\x00aq\x01cposix\nsystem\nq\x02."
	_, err := decode(strings.NewReader(b), int64(len(b)))
	if err == nil || !strings.Contains(err.Error(), "a Python pickle that was not written by torch.save") {
		t.Errorf("got %v", err)
	}
}

// TestTruncatedIsNoPickle: a cut-off safetensors file whose header's length begins with the same byte is not reported as a pickle.
func TestTruncatedIsNoPickle(t *testing.T) {
	b := "\x80\x02\x00\x00\x00\x00\x00\x00{"
	_, err := decode(strings.NewReader(b), int64(len(b)))
	if err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("got %v", err)
	}
}
