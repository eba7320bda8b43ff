package faultfs

import (
	"bytes"
	"io"

	"udml-gpu/models/disk"
)

type failingFile struct {
	file disk.File
	fs   *Failing
}

func (f *failingFile) Write(p []byte) (n int, err error) {
	p = f.altered(p)
	err = f.fs.transfer(
		func() (err error) { n, err = f.file.Write(p); return err },
		func() (err error) { n, err = f.file.Write(p[:len(p)/2]); return err })
	return n, err
}

func (f *failingFile) WriteAt(p []byte, at int64) (n int, err error) {
	p = f.altered(p)
	err = f.fs.transfer(
		func() (err error) { n, err = f.file.WriteAt(p, at); return err },
		func() (err error) { n, err = f.file.WriteAt(p[:len(p)/2], at); return err })
	return n, err
}

// altered is p, or a copy with one bit changed if this is the write that stores other bytes.
func (f *failingFile) altered(p []byte) []byte {
	if f.fs.How == Altered && f.fs.ops+1 == f.fs.K && len(p) > 0 {
		p = bytes.Clone(p)
		p[len(p)/2] ^= 1
	}
	return p
}

func (f *failingFile) Truncate(size int64) error {
	return f.fs.do(func() error { return f.file.Truncate(size) }, nothing)
}

func (f *failingFile) Reserve(size int64) error {
	return f.fs.do(func() error { return f.file.Reserve(size) }, nothing)
}

func (f *failingFile) Lock() error { return f.fs.do(f.file.Lock, nothing) }

// Map maps nothing when it fails: the caller would have nothing to release.
func (f *failingFile) Map(size int64) (b []byte, release func() error, err error) {
	err = f.fs.do(func() (err error) { b, release, err = f.file.Map(size); return err }, nothing)
	if err != nil && b != nil {
		_ = release()
	}
	return b, release, err
}

func (f *failingFile) Sync() error { return f.fs.do(f.file.Sync, nothing) }

// Close always closes: a descriptor is gone even when close reports lost data.
func (f *failingFile) Close() error {
	closing := f.file.Close()
	return f.fs.do(func() error { return closing }, nothing)
}

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

// Close always closes, like that of failingFile.
func (f *failingReader) Close() error {
	closing := f.file.Close()
	return f.fs.do(func() error { return closing }, nothing)
}
