package file

import (
	"errors"
	"io"
	"slices"
	"strings"
)

// Opened is a weights file whose tensors are known by name, dtype and shape; their elements are read on request.
type Opened struct {
	Format   string
	Metadata map[string]string
	Objects  []string // the classes of the skipped Python objects of a torch file

	main   string // the beginning of the names of Main's tensors
	listed []listed
	files  []io.Closer // that are read on request; none: in memory
}

// listed is a tensor by its full name: the keys of the dicts that hold it and its own, joined by dots.
type listed struct {
	Tensor // without elements until load
	load   func() ([]byte, error)
}

// Values of Format.
const (
	formatSafetensors = "safetensors"
	formatTorch       = "torch"
)

// inMemory is a file that was read as a whole.
func inMemory(f *Weights, err error) (*Opened, error) {
	if err != nil {
		return nil, err
	}
	o := &Opened{Format: f.Format, Metadata: f.Metadata}
	for _, t := range f.Tensors {
		data := t.Data
		t.Data = nil
		o.listed = append(o.listed, listed{t, func() ([]byte, error) { return data, nil }})
	}
	return o, nil
}

// Outline is every tensor by its full name, without elements, including those outside the state dict, which Main leaves out.
func (o *Opened) Outline() *Weights {
	f := &Weights{Format: o.Format, Metadata: o.Metadata, Tensors: make([]Tensor, len(o.listed))}
	for i, l := range o.listed {
		f.Tensors[i] = l.Tensor
	}
	return f
}

// Outline is f without elements.
func (f *Weights) Outline() *Weights {
	rest := &Weights{Format: f.Format, Metadata: f.Metadata, Tensors: slices.Clone(f.Tensors)}
	for i := range rest.Tensors {
		rest.Tensors[i].Data = nil
	}
	return rest
}

// Main reads the tensors of the state dict, by their names in it, without the "module." of DataParallel. Where the file is not a
// checkpoint of a known form, it reads all tensors.
func (o *Opened) Main() (*Weights, error) {
	f, err := o.Part(o.main)
	if err == nil && o.Format == formatTorch {
		unwrapParallel(f.Tensors)
	}
	return f, err
}

// Part reads the tensors whose names have the given beginning, by the rest of their names.
func (o *Opened) Part(beginning string) (*Weights, error) {
	f := &Weights{Format: o.Format, Metadata: o.Metadata}
	for _, l := range o.listed {
		rest, ok := strings.CutPrefix(l.Name, beginning)
		if !ok {
			continue
		}
		t := l.Tensor
		var err error
		if t.Data, err = l.load(); err != nil {
			return nil, err
		}
		t.Name = rest
		f.Tensors = append(f.Tensors, t)
	}
	return f, nil
}

// Without is o without the tensors for whose full names leave tells so. Both have the same files, which are closed once.
func (o *Opened) Without(leave func(name string) bool) *Opened {
	rest := *o
	rest.listed = slices.DeleteFunc(slices.Clone(o.listed), func(l listed) bool { return leave(l.Name) })
	return &rest
}

// InMain tells whether names with this beginning belong to Main.
func (o *Opened) InMain(beginning string) bool { return strings.HasPrefix(beginning, o.main) }

// Behind is the tensors of f whose names have the given beginning, by the rest of their names. Their elements are shared with f.
func (f *Weights) Behind(beginning string) *Weights {
	part := &Weights{Format: f.Format, Metadata: f.Metadata}
	for _, t := range f.Tensors {
		if rest, ok := strings.CutPrefix(t.Name, beginning); ok {
			t.Name = rest
			part.Tensors = append(part.Tensors, t)
		}
	}
	return part
}

// Close closes the file, or all shards. Tensors that were read stay valid.
func (o *Opened) Close() error {
	var errs []error
	for _, f := range o.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
