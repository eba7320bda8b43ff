package engine

import (
	"bytes"
	"errors"
	"io"

	"github.com/goccy/go-yaml"
)

// ReadYAML sets the fields that the file text names; path is for messages. Unknown keys are errors that name
// line and column.
func (c *Config) ReadYAML(path string, text []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return usage("%s: %s", path, yaml.FormatError(err, false, true))
	}
	return nil
}

// yaml is the configuration as config.yaml keeps it.
func (c *Config) yaml() ([]byte, error) { return yaml.Marshal(c) }
