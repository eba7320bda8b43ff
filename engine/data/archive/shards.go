package archive

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
)

// Shards are the tars of a WebDataset: KEY.jpg is an image, KEY.cls or KEY.json beside it has its label. The name of an image is that of
// its tar and its own, as if each tar were a folder.
type Shards struct {
	names  []string // of the tars, in byte order
	shards map[string]*tarFiles
	listed Listing
}

// opensInside is a source whose archives can be opened.
type opensInside interface {
	Opener
	openInside(name string) (*packedFile, error)
}

// openInside opens an archive in the folder.
func (f Folder) openInside(name string) (*packedFile, error) {
	return openLocal(filepath.Join(f.Path, filepath.FromSlash(name)))
}

// shardsAtATime is how many tars are indexed at a time.
const shardsAtATime = 16

// IsShard tells whether a file may be a tar of a WebDataset.
func IsShard(name string) bool { return strings.EqualFold(path.Ext(name), ".tar") }

// OpenShards opens the tars of these names in a folder or below a prefix; nil: all that are there.
func OpenShards(in Opener, names []string) (*Shards, error) {
	from, ok := in.(opensInside)
	if !ok {
		return nil, errors.New("its tars are in an archive: unpack it")
	}
	if names == nil {
		l, err := in.List()
		if err != nil {
			return nil, err
		}
		names = slices.DeleteFunc(slices.Clone(l.Others), func(name string) bool { return !IsShard(name) })
		if len(names) == 0 {
			return nil, errors.New("it holds no tars")
		}
	}
	slices.Sort(names)
	s := &Shards{names: slices.Compact(names), shards: map[string]*tarFiles{}}
	opened := make([]*tarFiles, len(s.names))
	var group errgroup.Group
	group.SetLimit(shardsAtATime)
	for i, name := range s.names {
		group.Go(func() (err error) {
			opened[i], err = openShard(from, name)
			return err
		})
	}
	err := group.Wait()
	for i, t := range opened {
		if t != nil {
			s.shards[s.names[i]] = t
		}
	}
	if err == nil {
		err = s.list()
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func openShard(from opensInside, name string) (*tarFiles, error) {
	f, err := from.openInside(name)
	if err != nil {
		return nil, err
	}
	start := make([]byte, min(tarBlock, f.size))
	if _, err = f.ReadAt(start, 0); err != nil && err != io.EOF {
		err = f.unreadable(err)
	} else if !isTar(start) {
		err = baddata.Errorf("%s is not a tar: a WebDataset has uncompressed tars", f.name)
	}
	var t *tarFiles
	if err == nil {
		t, err = indexTar(f, true)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return t, nil
}

// list joins the listings of the tars.
func (s *Shards) list() error {
	n := 0
	for _, shard := range s.names {
		t := s.shards[shard]
		if n += len(t.entries); n > 8*maxEntries {
			return baddata.Errorf("%s and the tars beside it hold more than %d files", t.name, 8*maxEntries)
		}
		for _, name := range t.images.Images {
			s.listed.Images = append(s.listed.Images, shard+"/"+name)
		}
		for _, name := range t.images.Others {
			if !isLabel(name) && notImageReason(name) == notes.ReasonOther {
				s.listed.Left.Add(notes.ReasonOther, shard+"/"+name)
			}
		}
		s.listed.Left.Join(&t.images.Left, shard+"/", notes.ReasonOther)
	}
	return nil
}

// Names are those of the tars, in byte order.
func (s *Shards) Names() []string { return s.names }

// Label is the label of an image; "": it has none.
func (s *Shards) Label(name string) string {
	t, inner := s.find(name)
	if t == nil {
		return ""
	}
	return t.labels[sampleOf(inner)]
}

// ShardOf is the tar of an image.
func (s *Shards) ShardOf(name string) string {
	_, inner := s.find(name)
	return strings.TrimSuffix(strings.TrimSuffix(name, inner), "/")
}

// find is the tar of an image, and the image's name in it.
func (s *Shards) find(name string) (*tarFiles, string) {
	for at := range name {
		if name[at] == '/' {
			if t := s.shards[name[:at]]; t != nil {
				return t, name[at+1:]
			}
		}
	}
	return nil, ""
}

// List is Opener.List.
func (s *Shards) List() (Listing, error) { return s.listed, nil }

// Check is Opener.Check.
func (s *Shards) Check(name string) error {
	t, inner := s.find(name)
	if t == nil {
		return fs.ErrNotExist
	}
	return t.Check(inner)
}

// Read is Opener.Read.
func (s *Shards) Read(name string) ([]byte, error) {
	t, inner := s.find(name)
	if t == nil || t.Check(inner) != nil {
		return nil, fs.ErrNotExist
	}
	return t.Read(inner)
}

// Stamp is Opener.Stamp.
func (s *Shards) Stamp(name string) (Stamp, error) {
	t, inner := s.find(name)
	if t == nil {
		return Stamp{}, fs.ErrNotExist
	}
	return t.Stamp(inner)
}

// Origin are the stamps of the tars.
func (s *Shards) Origin() (all []Stamp) {
	for _, name := range s.names {
		all = append(all, s.shards[name].whole)
	}
	return all
}

// Close closes the tars.
func (s *Shards) Close() error {
	var failed error
	for _, t := range s.shards {
		failed = errors.Join(failed, t.Close())
	}
	return failed
}

// sampleOf is the key of a member: its path up to the first dot of its name.
// isLabel tells whether a member may hold a label.
// label keeps the label in a member of a shard, whose content comes next in r. That of .cls goes before that of .json.
// labelIn is the label in the metadata of a sample; "" without one.
