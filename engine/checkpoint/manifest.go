package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

const (
	manifestName    = "MANIFEST"
	manifestVersion = 1
	maxManifest     = 1 << 20 // bytes; a real one has a few hundred
)

// manifest lists what a complete checkpoint holds.
type manifest struct {
	Version int                 `json:"version"`
	Files   map[string]fileMark `json:"files"`
}

// fileMark is what a file must be.
type fileMark struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func newManifest(files map[string][]byte) manifest {
	m := manifest{Version: manifestVersion, Files: map[string]fileMark{}}
	for name, b := range files {
		sum := sha256.Sum256(b)
		m.Files[name] = fileMark{Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
	}
	return m
}

func (m manifest) marshal() ([]byte, error) {
	for name := range m.Files {
		if !plainName(name) {
			return nil, fmt.Errorf("%q cannot be a file of a checkpoint", name)
		}
	}
	b, err := json.MarshalIndent(m, "", "  ")
	return append(b, '\n'), err
}

// plainName refuses names that would lead out of the checkpoint's folder, or to the manifest.
func plainName(name string) bool {
	return name != "" && name != manifestName && name[0] != '.' && filepath.IsLocal(name) && filepath.Base(name) == name
}

// parseManifest reads a manifest and checks every claim it makes about names, sizes and digests.
func parseManifest(b []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("its %s is damaged: %w", manifestName, err)
	}
	if m.Version != manifestVersion {
		return m, fmt.Errorf("its %s has version %d, this program reads %d", manifestName, m.Version, manifestVersion)
	}
	if len(m.Files) == 0 {
		return m, fmt.Errorf("its %s lists no files", manifestName)
	}
	for name, f := range m.Files {
		digest, err := hex.DecodeString(f.SHA256)
		if !plainName(name) || f.Size < 0 || err != nil || len(digest) != sha256.Size {
			return m, fmt.Errorf("its %s is damaged at %q", manifestName, name)
		}
	}
	return m, nil
}

// Verify reads the checkpoint in dir and compares every file with the manifest's size and SHA-256.
func Verify(dir string) error {
	f, err := os.Open(filepath.Join(dir, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("its %s is missing", manifestName)
	}
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxManifest))
	f.Close()
	if err != nil {
		return err
	}
	m, err := parseManifest(b)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if err := m.Files[name].check(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (want fileMark) check(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s is missing", filepath.Base(path))
	case err != nil:
		return err
	case !info.Mode().IsRegular() || info.Size() != want.Size:
		return fmt.Errorf("%s has %d bytes instead of %d", filepath.Base(path), info.Size(), want.Size)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	digest, err := hex.DecodeString(want.SHA256)
	if err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), digest) {
		return fmt.Errorf("%s has another SHA-256 than when it was written", filepath.Base(path))
	}
	return nil
}
