package file

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"udml-gpu/models/weights/file/pickle"
)

// A file of torch.save is a zip of ROOT/data.pkl, a pickle that describes the tensors, and ROOT/data/KEY, the bytes of
// each storage (https://docs.pytorch.org/docs/stable/notes/serialization.html). Several tensors may share a storage.
const pickleEntry = "data.pkl"

// torchRoot is the folder that holds the pickle, if there is one.
func (a *archive) torchRoot() (root string, ok bool) {
	for _, name := range a.names {
		if dir, file := path.Split(name); file == pickleEntry && strings.Count(dir, "/") == 1 {
			return dir, true
		}
	}
	return "", false
}

// openTorch opens a torch zip.
func openTorch(a *archive, root string) (*Opened, error) {
	if a.entries[root+"constants.pkl"] != nil {
		return nil, errors.New("a TorchScript program, which is not run: save the model's state_dict() instead")
	}
	if err := checkByteOrder(a, root); err != nil {
		return nil, err
	}
	b, err := a.read(root + pickleEntry)
	if err != nil {
		return nil, err
	}
	resolver := torchResolver{&objects{}}
	value, err := pickle.Load(b, resolver)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pickleEntry, err)
	}
	s := zipStorages{a, root + "data/", map[string][]byte{}}
	return openState(value, resolver, s.block, &a.extra)
}

// openState lists the tensors in value, whose elements are in the storages given by block.
func openState(value any, resolver torchResolver, block func(*torchTensor) ([]byte, error), extra *allowance) (*Opened, error) {
	found, err := findTensors(value, resolver.objects)
	if err != nil {
		return nil, err
	}
	o := &Opened{Format: formatTorch, Objects: resolver.objects.names, main: found.main}
	for _, n := range found.tensors {
		t := n.tensor
		o.listed = append(o.listed, listed{Tensor{Name: n.name, DType: t.dtype, Shape: slices.Clone(t.shape)}, func() ([]byte, error) {
			data, err := t.read(block, extra)
			if err != nil {
				return nil, fmt.Errorf("tensor %q: %w", strings.TrimPrefix(n.name, found.main), err)
			}
			return data, nil
		}})
	}
	return o, nil
}

// checkByteOrder refuses big-endian files. Files name their order since torch 2.1; older ones are always little-endian.
func checkByteOrder(a *archive, root string) error {
	if a.entries[root+"byteorder"] == nil {
		return nil
	}
	b, err := a.read(root + "byteorder")
	if err == nil && string(b) != "little" {
		err = fmt.Errorf("its byte order is %.20q; only little-endian files are read", b)
	}
	return err
}

// read is the elements, row-major. It checks everything that t claims before it allocates memory.
func (t *torchTensor) read(block func(*torchTensor) ([]byte, error), extra *allowance) ([]byte, error) {
	size, err := byteSize(t.dtype, t.shape)
	if err != nil {
		return nil, err
	}
	if err := t.check(t.count); err != nil {
		return nil, err
	}
	storage, err := block(t)
	if err != nil {
		return nil, err
	}
	return t.elements(storage, elementSize[t.dtype], size, extra)
}

// zipStorages are the storages of the tensors, each read once.
type zipStorages struct {
	archive *archive
	folder  string
	read    map[string][]byte
}

// block is the whole storage of t.
func (s zipStorages) block(t *torchTensor) ([]byte, error) {
	f := s.archive.entries[s.folder+t.key]
	if f == nil {
		return nil, fmt.Errorf("its storage %q is missing", s.folder+t.key)
	}
	want, err := byteSize(t.dtype, []int{t.count})
	if err != nil || uint64(want) != f.UncompressedSize64 {
		return nil, fmt.Errorf("its storage %q has %d bytes, but should have %d elements of %s",
			f.Name, f.UncompressedSize64, t.count, t.dtype)
	}
	if b, ok := s.read[t.key]; ok {
		return b, nil
	}
	b, err := s.archive.read(f.Name)
	if err == nil {
		s.read[t.key] = b
	}
	return b, err
}
