package checkpoint

import (
	"fmt"
	"path/filepath"
	"strings"

	"udml-gpu/models/disk"
)

// ManifestName is the file of a checkpoint that is written last.
const ManifestName = manifestName

// Sizes are the files that a manifest lists, with their sizes.
func Sizes(manifest []byte) (map[string]int64, error) {
	if len(manifest) > maxManifest {
		return nil, fmt.Errorf("its %s has %d bytes: expected fewer than %d", manifestName, len(manifest), maxManifest)
	}
	m, err := parseManifest(manifest)
	if err != nil {
		return nil, err
	}
	sizes := map[string]int64{}
	for name, f := range m.Files {
		sizes[name] = f.Size
	}
	return sizes, nil
}

// Import takes in the checkpoint of position at that write puts, synced, into a new folder, if its files match its manifest: damage is then
// the reason why they do not. Other checkpoints stay.
func (s *Store) Import(at At, write func(dir string) error) (damage, err error) {
	if err := s.makeFolder(); err != nil {
		return nil, err
	}
	if _, err := s.tidy(); err != nil {
		return nil, err
	}
	tmp := s.path(tmpPrefix + at.String())
	defer func() {
		if damage != nil || err != nil {
			_ = s.fs.RemoveAll(tmp)
		}
	}()
	if err := s.fs.Mkdir(tmp); err != nil {
		return nil, err
	}
	if err := write(tmp); err != nil {
		return nil, err
	}
	if err := s.fs.SyncDir(tmp); err != nil {
		return nil, err
	}
	if damage := verify(s.fs, tmp); damage != nil {
		return damage, nil
	}
	if err := s.moveIn(tmp, at.String()); err != nil {
		return nil, err
	}
	return nil, s.linkLast(at.String())
}

// Newest is the position of the newest checkpoint that is whole; ok is false without one.
func Newest(runDir string) (at At, ok bool) {
	s := NewStore(disk.OS, runDir)
	dir, _, err := s.Latest()
	if err != nil {
		return At{}, false
	}
	return ParseAt(strings.TrimPrefix(filepath.Base(dir), oldPrefix))
}
