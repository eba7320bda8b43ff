package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
)

const (
	manifestName    = "MANIFEST"
	manifestVersion = 1
	maxManifest     = 1 << 16 // bytes; a valid one has a few hundred, and parsing takes some twenty times its size
)

// errNewer is the error for an undamaged checkpoint of a newer program.
var errNewer = errors.New("it was written by a newer udml-gpu")

// manifest lists the files of a complete checkpoint.
type manifest struct {
	Version int                 `json:"version"`
	Files   map[string]fileMark `json:"files"`
}

// fileMark is the expected size and digest of a file.
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

// plainName refuses names that lead out of the checkpoint's folder, equal the manifest's, or could control a terminal.
func plainName(name string) bool {
	return name != "" && printable(name) && name != manifestName && name[0] != '.' && filepath.IsLocal(name) && filepath.Base(name) == name
}

// parseManifest reads a manifest and checks its names, sizes and digests.
func parseManifest(b []byte) (manifest, error) {
	var m manifest
	if err := checkVersion(b); err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("its %s is damaged: %w", manifestName, err)
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

// checkVersion reads only the version: the rest of a newer manifest may have another form.
func checkVersion(b []byte) error {
	var v struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("its %s is damaged: %w", manifestName, err)
	}
	if v.Version > manifestVersion {
		return fmt.Errorf("%w: its %s has version %d and this program reads version %d; use a udml-gpu that reads version %d",
			errNewer, manifestName, v.Version, manifestVersion, v.Version)
	}
	if v.Version != manifestVersion {
		return fmt.Errorf("its %s is damaged: version %d does not exist", manifestName, v.Version)
	}
	return nil
}
