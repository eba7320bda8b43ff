package weights

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"udml-gpu/models/weights/pickle"
)

// A file of torch.save is a zip of ROOT/data.pkl, a pickle that describes the tensors, and ROOT/data/KEY, the bytes of
// each storage (https://docs.pytorch.org/docs/stable/notes/serialization.html). Several tensors may lie in one storage.
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

// readTorch reads the tensors of a torch zip: those of the state dict alone, where it is wrapped in a checkpoint.
func readTorch(a *archive, root string) (*File, error) {
	if a.entries[root+"constants.pkl"] != nil {
		return nil, errors.New("a TorchScript program, which is not run; save the model's state_dict() instead")
	}
	if err := checkByteOrder(a, root); err != nil {
		return nil, err
	}
	b, err := a.read(root + pickleEntry)
	if err != nil {
		return nil, err
	}
	value, err := pickle.Load(b, torchWorld{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pickleEntry, err)
	}
	s := zipStorages{a, root + "data/", map[string][]byte{}}
	return stateFile(value, s.block, &a.extra)
}

// stateFile is the state dict in value, its tensors' elements from the storages that block gives.
func stateFile(value any, block func(*torchTensor) ([]byte, error), extra *allowance) (*File, error) {
	named, err := stateDict(value)
	if err != nil {
		return nil, err
	}
	f := &File{Format: "torch"}
	for _, n := range named {
		t, err := n.tensor.read(block, extra)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", n.name, err)
		}
		t.Name = n.name
		f.Tensors = append(f.Tensors, t)
	}
	return f, nil
}

// checkByteOrder: the file says since torch 2.1; before, it had to be little-endian.
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

// read checks everything that t claims before it takes memory. The result has no name.
func (t *torchTensor) read(block func(*torchTensor) ([]byte, error), extra *allowance) (Tensor, error) {
	size, err := byteSize(t.dtype, t.shape)
	if err != nil {
		return Tensor{}, err
	}
	if err := t.check(t.count); err != nil {
		return Tensor{}, err
	}
	storage, err := block(t)
	if err != nil {
		return Tensor{}, err
	}
	data, err := t.elements(storage, elementSize[t.dtype], size, extra)
	return Tensor{DType: t.dtype, Shape: slices.Clone(t.shape), Data: data}, err
}

// zipStorages are the blocks of bytes that tensors lie in, each read once.
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
		return nil, fmt.Errorf("its storage %q has %d bytes, where %d elements of %s are claimed", f.Name, f.UncompressedSize64, t.count, t.dtype)
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
