package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"udml-gpu/models/disk"
)

// Formats names the formats that Open accepts, for messages.
const Formats = "a safetensors, torch .pth or .npz file"

// legacyTorch is the beginning of a file of torch.save before torch 1.6: a pickle of a magic number.
const legacyTorch = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."

// ggufMagic is the beginning of llama.cpp's files (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
const ggufMagic = "GGUF"

// pickleStart is the first byte of every pickle since protocol 2. A safetensors file may begin with it too, with a
// length that is within the limit.
const pickleStart = 0x80

// open lists the tensors of size bytes in any format, recognised by the content: safetensors, torch (both formats)
// or npz. Nothing in them is run, and every size is checked before memory is allocated. r is still read while the result is
// in use.
func open(r io.ReaderAt, size int64) (*Opened, error) {
	first := make([]byte, min(size, int64(len(legacyTorch))))
	if _, err := r.ReadAt(first, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch is := func(magic string) bool { return bytes.HasPrefix(first, []byte(magic)) }; {
	case is("PK\x03\x04"), is("PK\x05\x06"):
		return openZip(r, size)
	case is(legacyTorch):
		return openLegacy(r, size)
	case is(arrayMagic):
		return nil, errors.New("a single array without a name; save named arrays with numpy.savez")
	case is(ggufMagic):
		return nil, errors.New("a GGUF file, whose weights are quantised for llama.cpp: take the model's own safetensors file")
	}
	return openSafetensors(r, size)
}

// openZip opens a zip file of either kind.
func openZip(r io.ReaderAt, size int64) (*Opened, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	if root, ok := a.torchRoot(); ok {
		return openTorch(a, root)
	}
	for _, name := range a.names {
		if strings.HasSuffix(name, arraySuffix) {
			return inMemory(readArrays(a))
		}
	}
	return nil, errors.New("a zip file that holds neither torch's data.pkl nor .npy arrays")
}

// Open opens the file at path, whose format is recognised by content, or all files that an index of shards names; errors name the
// file. The caller closes it.
func Open(path string) (*Opened, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	if isIndex(f, size) {
		o, err := openShards(path, f, size)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return o, nil
	}
	o, err := open(f, size)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	o.files = []io.Closer{f}
	return o, nil
}

// Read is Main of the file at path; errors name it.
func Read(path string) (*Weights, error) {
	o, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	weights, err := o.Main()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return weights, nil
}

// openRegular opens a file that is neither a folder nor a pipe, and returns its size.
func openRegular(path string) (*os.File, int64, error) {
	f, info, err := disk.Open(path)
	if errors.Is(err, disk.ErrNotRegular) {
		return nil, 0, fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}
