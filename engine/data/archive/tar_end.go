package archive

import (
	"bytes"
	"errors"
	"io"

	"udml-gpu/engine/data/baddata"
)

// A tar ends with blocks of zeros. One that was cut off between two files lacks them and otherwise looks whole, so that its images
// would be taken for the complete set.

// wantEnd is an error unless the end of the tar was seen.
func (t *tarFiles) wantEnd(seen bool, err error) error {
	if err == nil && !seen {
		err = errors.New("it is cut off: the mark at its end is missing")
	}
	if err != nil {
		return baddata.Errorf("%s is damaged: %w", t.name, PlainCause(err))
	}
	return nil
}

// endsHere tells whether r is positioned right after a block of zeros.
func endsHere(r io.ReadSeeker) (bool, error) {
	at, err := r.Seek(0, io.SeekCurrent)
	if err != nil || at < tarBlock {
		return false, err
	}
	if _, err = r.Seek(at-tarBlock, io.SeekStart); err != nil {
		return false, err
	}
	block := make([]byte, tarBlock)
	_, err = io.ReadFull(r, block)
	return len(bytes.Trim(block, "\x00")) == 0, err
}

// bounded reads up to left bytes of r; more is an error. zeros counts the zero bytes read last.
type bounded struct {
	r           io.Reader
	left, zeros int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errors.New("it unpacks to more than a hundred times its size, which is not plausible for images")
	}
	if rest := len(bytes.TrimRight(p[:n], "\x00")); rest > 0 {
		b.zeros = int64(n - rest)
	} else {
		b.zeros += int64(n)
	}
	return n, err
}

// drain reads the rest behind a tar, where gzip has its checksum, and tells whether zeros came last.
func (b *bounded) drain() (bool, error) {
	seen := b.zeros >= tarBlock
	_, err := io.Copy(io.Discard, b)
	return seen, err
}
