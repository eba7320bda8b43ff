package collection

import (
	encoder "github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// oneZstd is parquet.Zstd with an encoder of its own, for one writer. Those of parquet.Zstd lie in a pool that each collection of garbage
// empties: 16 MB that become garbage, and so bring the next one sooner.
type oneZstd struct {
	zstd.Codec
	e *encoder.Encoder
}

// newZstd has the options of parquet.Zstd, and so its bytes.
func newZstd() (*oneZstd, error) {
	e, err := encoder.NewWriter(nil, encoder.WithEncoderConcurrency(zstd.DefaultConcurrency), encoder.WithEncoderLevel(zstd.DefaultLevel),
		encoder.WithZeroFrames(true), encoder.WithEncoderCRC(false), encoder.WithLowerEncoderMem(true))
	return &oneZstd{e: e}, err
}

// Encode compresses src into the memory of dst.
func (z *oneZstd) Encode(dst, src []byte) ([]byte, error) { return z.e.EncodeAll(src, dst[:0]), nil }
