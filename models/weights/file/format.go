package file

import (
	"bytes"
	"encoding/binary"
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

// pickleStart is the first byte of every pickle since protocol 2. A safetensors file may begin with it too, with a
// length that is within the limit.
const pickleStart = 0x80

// Decode reads the weights of size bytes in any format: Main of the opened file.
func Decode(r io.ReaderAt, size int64) (*Weights, error) {
	o, err := open(r, size)
	if err != nil {
		return nil, err
	}
	return o.Main()
}

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
	}
	return inMemory(readSafetensors(r, size))
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

// readSafetensors refuses a file that cannot be safetensors before memory of its size is allocated.
func readSafetensors(r io.ReaderAt, size int64) (*Weights, error) {
	var first [8]byte
	n, _ := r.ReadAt(first[:], 0)
	if _, err := headerLength(first[:n], size); err != nil {
		if first[0] == pickleStart && binary.LittleEndian.Uint64(first[:]) > maxHeader {
			return nil, errors.New("a Python pickle that was not written by torch.save (nothing in it was run): " +
				"save the model's state_dict() with torch.save")
		}
		return nil, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return nil, err
	}
	return Parse(b)
}

// Open opens the file at path, whose format is recognised by content; errors name it.
func Open(path string) (*Opened, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	o, err := open(f, size)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	o.file = f
	return o, nil
}

// Read is Decode of the file at path; errors name it.
func Read(path string) (*Weights, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	weights, err := Decode(f, size)
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
