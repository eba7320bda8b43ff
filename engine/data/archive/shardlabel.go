package archive

import (
	"archive/tar"
	"encoding/json"
	"io"
	"path"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
)

func sampleOf(name string) string {
	dir, file := path.Split(name)
	key, _, _ := strings.Cut(file, ".")
	return dir + key
}

func isLabel(name string) bool {
	_, ext, _ := strings.Cut(path.Base(name), ".")
	return ext == "cls" || ext == "json"
}

const (
	maxLabel    = 256     // bytes of a label
	maxMetadata = 1 << 18 // bytes of a .json file that is looked into for one
)

func (t *tarFiles) label(h *tar.Header, r io.Reader) error {
	name := path.Clean(h.Name)
	if t.labels == nil || !isLabel(name) || picture.IsName(name) || h.Size > maxMetadata {
		return nil
	}
	b, err := readBounded(r, h.Size, maxMetadata)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(b))
	if path.Ext(name) == ".json" {
		if _, has := t.labels[sampleOf(name)]; has {
			return nil
		}
		if text, err = labelIn(b); err != nil {
			return baddata.Errorf("%s: %s is not JSON: %w", t.name, name, err)
		}
	}
	if len(text) > maxLabel {
		return baddata.Errorf("%s: the label in %s has %d bytes, the limit is %d", t.name, name, len(text), maxLabel)
	}
	if text != "" {
		t.labels[sampleOf(name)] = text
	}
	return nil
}

func labelIn(b []byte) (string, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return "", err
	}
	for _, key := range []string{"label", "cls", "class"} {
		var text string
		var number json.Number
		switch v := m[key]; {
		case v == nil || string(v) == "null":
		case json.Unmarshal(v, &text) == nil:
			return strings.TrimSpace(text), nil
		case json.Unmarshal(v, &number) == nil:
			return number.String(), nil
		}
	}
	return "", nil
}
