package faultfs

import "bytes"

// diskFile is a file of a Disk that is open for writing.
type diskFile struct{ n *node }

func (f diskFile) Write(p []byte) (int, error) { return f.WriteAt(p, int64(len(f.n.data))) }

func (f diskFile) WriteAt(p []byte, at int64) (int, error) {
	data := f.resized(max(at+int64(len(p)), int64(len(f.n.data))))
	copy(data[at:], p)
	f.n.data, f.n.synced = data, false
	return len(p), nil
}

func (f diskFile) Truncate(size int64) error {
	f.n.data, f.n.synced = f.resized(size), false
	return nil
}

func (f diskFile) Reserve(size int64) error {
	return f.Truncate(max(size, int64(len(f.n.data))))
}

// resized is a copy of the content with another length: contents kept for power cuts keep the old one.
func (f diskFile) resized(size int64) []byte {
	data := make([]byte, size)
	copy(data, f.n.data)
	return data
}

func (f diskFile) Map(size int64) (b []byte, release func() error, err error) {
	return bytes.Clone(f.n.data[:size]), f.Close, nil
}

func (f diskFile) Lock() error  { return nil }
func (f diskFile) Sync() error  { f.n.synced = true; return nil }
func (f diskFile) Close() error { return nil }
