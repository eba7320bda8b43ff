package store

import (
	"context"
	"errors"
	"io"
)

// skipBytes is how far ahead a Front reads on in place of asking the store anew.
const skipBytes = 256 << 10

// Front reads an object from front to end, and skips what is not wanted. It must be used by one goroutine at a time.
type Front struct {
	c    *Client
	ctx  context.Context //nolint:containedctx // an io.Reader has no other
	o    Object
	at   int64
	body io.ReadCloser // at byte at; nil: none is open
}

// Front is the object from its first byte on.
func (c *Client) Front(ctx context.Context, o Object) *Front { return &Front{c: c, ctx: ctx, o: o} }

// Read is io.Reader.
func (f *Front) Read(p []byte) (n int, err error) {
	if f.at >= f.o.Size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	err = f.c.try(f.ctx, f.o.Place, "read", func() error {
		if f.body == nil {
			if f.body, err = f.c.open(f.ctx, f.o, f.at, f.o.Size-f.at); err != nil {
				f.body = nil
				return err
			}
		}
		n, err = f.body.Read(p)
		if n > 0 || err == nil {
			return nil
		}
		f.drop()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	})
	f.at += int64(n)
	return n, err
}

// Seek is io.Seeker.
func (f *Front) Seek(offset int64, whence int) (int64, error) {
	to := offset
	switch whence {
	case io.SeekCurrent:
		to += f.at
	case io.SeekEnd:
		to += f.o.Size
	}
	if to < 0 {
		return f.at, errors.New("a place before the beginning")
	}
	if ahead := to - f.at; f.body != nil && ahead > 0 && ahead <= skipBytes {
		if n, err := io.CopyN(io.Discard, f.body, ahead); err != nil || n != ahead {
			f.drop()
		}
	} else if ahead != 0 {
		f.drop()
	}
	f.at = to
	return to, nil
}

func (f *Front) drop() {
	if f.body != nil {
		_ = f.body.Close()
		f.body = nil
	}
}

// Close ends the reading.
func (f *Front) Close() error {
	f.drop()
	return nil
}
