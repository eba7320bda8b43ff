package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"udml-gpu/models/weights/file/pickle"
)

// The format of torch.save before torch 1.6, still common among published weights, is four pickles (a magic number, the
// protocol, the machine, and the value), a fifth with the storages' keys, and the storages in that order: each the number of
// elements in 8 bytes, then the elements (torch/serialization.py, _legacy_save).
const legacyProtocol = 1001

// openLegacy reads the whole file: its tensors share memory with it.
func openLegacy(r io.ReaderAt, size int64) (*Opened, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return nil, err
	}
	rest, err := legacyMachine(b[len(legacyTorch):])
	if err != nil {
		return nil, fmt.Errorf("its beginning: %w", err)
	}
	resolver := &legacyResolver{torchResolver{&objects{}}, map[string]torchStorage{}}
	value, rest, err := pickle.LoadFirst(rest, resolver)
	if err != nil {
		return nil, fmt.Errorf("its pickle: %w", err)
	}
	blocks, err := resolver.blocks(rest)
	if err != nil {
		return nil, err
	}
	extra := newAllowance(size)
	return openState(value, resolver.torchResolver, func(t *torchTensor) ([]byte, error) {
		if storage := blocks[t.key]; storage != nil || t.count == 0 {
			return storage, nil
		}
		return nil, fmt.Errorf("its storage %q is missing", t.key)
	}, &extra)
}

// legacyMachine reads protocol and machine. The sizes of C's types in the file do not matter: storages use
// torch's own.
func legacyMachine(b []byte) (rest []byte, err error) {
	protocol, b, err := pickle.LoadFirst(b, torchResolver{})
	if err != nil {
		return nil, err
	}
	if protocol != int64(legacyProtocol) {
		return nil, fmt.Errorf("protocol %v: expected %d, as written by torch", protocol, legacyProtocol)
	}
	machine, b, err := pickle.LoadFirst(b, torchResolver{})
	if err != nil {
		return nil, err
	}
	d, ok := machine.(*pickle.Dict)
	if !ok {
		return nil, errors.New("no description of the machine that wrote it")
	}
	if little, _ := d.Get("little_endian"); little != true {
		return nil, errors.New("only little-endian files are read")
	}
	return b, nil
}

// legacyResolver records the storages that the value refers to: only there are their types written.
type legacyResolver struct {
	torchResolver
	storages map[string]torchStorage
}

// Persistent is a storage: ("storage", class, key, location, elements, view). Views of one storage in another are not read:
// torch dropped them in 0.4. Where a whole model was saved, it can also be a class with its source: ("module", class, file, source).
func (r *legacyResolver) Persistent(id any) (any, error) {
	t, _ := id.(pickle.Tuple)
	if len(t) == 4 && t[0] == "module" {
		if class, ok := t[1].(pickle.Global); ok {
			return pickle.Skipped{By: class}, nil
		}
	}
	if len(t) != 6 || t[5] != nil {
		return nil, errors.New("a persistent id that is not a storage, or a view of one")
	}
	v, err := r.torchResolver.Persistent(t[:5])
	if err != nil {
		return nil, err
	}
	s, ok := v.(torchStorage)
	if !ok { // without a known size the next storage cannot be found
		return nil, fmt.Errorf("a storage of a class that is not read (%.100q)", t[1])
	}
	if first, ok := r.storages[s.key]; ok && first != s {
		return nil, fmt.Errorf("the storage %.60q is described twice with different sizes or types", s.key)
	}
	r.storages[s.key] = s
	return s, nil
}

// blocks are the storages by key: consecutive parts of b, up to its end.
func (r *legacyResolver) blocks(b []byte) (map[string][]byte, error) {
	value, b, err := pickle.LoadFirst(b, torchResolver{})
	if err != nil {
		return nil, fmt.Errorf("the list of its storages: %w", err)
	}
	keys, ok := value.(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("found a %T, expected the list of its storages", value)
	}
	blocks := map[string][]byte{}
	for _, k := range keys.Items {
		key, _ := k.(string)
		s, known := r.storages[key]
		if !known || blocks[key] != nil {
			return nil, fmt.Errorf("its list of storages has %.60q, which no tensor uses or which is listed twice", k)
		}
		if blocks[key], b, err = s.block(b); err != nil {
			return nil, err
		}
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%d bytes follow its last storage", len(b))
	}
	return blocks, nil
}

// block is the storage at the beginning of b.
func (s torchStorage) block(b []byte) (block, rest []byte, err error) {
	want, err := byteSize(s.dtype, []int{s.count})
	if err != nil || len(b) < 8 || want > len(b)-8 {
		return nil, nil, fmt.Errorf("the file ends inside its storage %q of %d elements: it is truncated", s.key, s.count)
	}
	if n := binary.LittleEndian.Uint64(b); n != uint64(s.count) {
		return nil, nil, fmt.Errorf("its storage %q has %d elements, but its tensor says %d of %s", s.key, n, s.count, s.dtype)
	}
	return b[8 : 8+want : 8+want], b[8+want:], nil
}
