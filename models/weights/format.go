package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// Formats names what Read takes, for messages.
const Formats = "a safetensors, torch .pth or .npz file"

// legacyTorch begins a file of torch.save before torch 1.6: a pickle of a magic number.
const legacyTorch = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."

// pickleStart begins every pickle since protocol 2. A safetensors file may begin so too, but with a length within the limit.
const pickleStart = 0x80

// Read reads weights of size bytes, telling their format by their content: safetensors, torch (both formats) or npz. Nothing in them
// is run, and every size is checked before memory is taken for it. Tensors of a torch file are those of its state
// dict, without the "module." of DataParallel.
func Read(r io.ReaderAt, size int64) (*File, error) {
	first := make([]byte, min(size, int64(len(legacyTorch))))
	if _, err := r.ReadAt(first, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch is := func(magic string) bool { return bytes.HasPrefix(first, []byte(magic)) }; {
	case is("PK\x03\x04"), is("PK\x05\x06"):
		return readZip(r, size)
	case is(legacyTorch):
		return readLegacy(r, size)
	case is(arrayMagic):
		return nil, errors.New("a single array without a name; save named arrays with numpy.savez")
	}
	return readSafetensors(r, size)
}

// readZip reads a zip file of either kind.
func readZip(r io.ReaderAt, size int64) (*File, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	if root, ok := a.torchRoot(); ok {
		return readTorch(a, root)
	}
	for _, name := range a.names {
		if strings.HasSuffix(name, arraySuffix) {
			return readArrays(a)
		}
	}
	return nil, errors.New("a zip file that holds neither torch's data.pkl nor .npy arrays")
}

// readSafetensors refuses a file that cannot be one before its size is allocated.
func readSafetensors(r io.ReaderAt, size int64) (*File, error) {
	var first [8]byte
	n, _ := r.ReadAt(first[:], 0)
	if _, err := headerLength(first[:n], size); err != nil {
		if first[0] == pickleStart && binary.LittleEndian.Uint64(first[:]) > maxHeader {
			return nil, errors.New("a Python pickle that torch.save did not write; nothing in it was run: save the model's state_dict() with torch.save")
		}
		return nil, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return nil, err
	}
	return Parse(b)
}

// ReadFile is Read of the file at path; errors name it.
func ReadFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe has no writer to wait for
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	weights, err := Read(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return weights, nil
}
