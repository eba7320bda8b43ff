package faultfs

import (
	"bytes"
	"io"

	"udml-gpu/engine/checkpoint"
)

type failingFile struct {
	file checkpoint.File
	fs   *Failing
}

func (f *failingFile) Write(p []byte) (n int, err error) {
	if f.fs.How == Altered && f.fs.ops+1 == f.fs.K && len(p) > 0 {
		p = bytes.Clone(p)
		p[len(p)/2] ^= 1
	}
	err = f.fs.transfer(
		func() (err error) { n, err = f.file.Write(p); return err },
		func() (err error) { n, err = f.file.Write(p[:len(p)/2]); return err })
	return n, err
}

func (f *failingFile) Sync() error { return f.fs.do(f.file.Sync, nothing) }

// Close closes in any case: a descriptor is gone even when close reports that data were lost.
func (f *failingFile) Close() error { return f.fs.do(f.file.Close, f.file.Close) }

type failingReader struct {
	file io.ReadCloser
	fs   *Failing
}

func (f *failingReader) Read(p []byte) (n int, err error) {
	err = f.fs.transfer(
		func() (err error) { n, err = f.file.Read(p); return err },
		func() (err error) { n, err = f.file.Read(p[:len(p)/2]); return err })
	return n, err
}

func (f *failingReader) Close() error { return f.fs.do(f.file.Close, f.file.Close) }
