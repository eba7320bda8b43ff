package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/goccy/go-yaml"
)

// ReadYAML sets the fields that the file text names; path is for messages. Unknown keys are errors that name
// line and column, and leave c as it was. A file that holds no settings changes nothing.
func (c *Config) ReadYAML(path string, text []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	read := *c
	err := d.Decode(&read)
	switch {
	case errors.Is(err, io.EOF): // nothing but comments, for which the decoder clears all fields
		return nil
	case err == nil:
		*c = read
		return nil
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return usage("%s: %v", path, err)
	}
	return usage("%s, line %d, column %d: %s", path, at.GetToken().Position.Line, at.GetToken().Position.Column, yamlMessage(at))
}

// yamlMessage is the decoder's sentence, in the words of flags where it speaks of Go.
func yamlMessage(err yaml.Error) string {
	var kind *yaml.TypeError
	if !errors.As(err, &kind) {
		return err.GetMessage()
	}
	want := map[reflect.Kind]string{
		reflect.Int: "a whole number", reflect.Uint64: "a whole number of at least 0", reflect.Float64: "a number", reflect.Bool: "true or false", reflect.String: "text",
	}[kind.DstType.Kind()]
	if want == "" {
		want = "settings as NAME: VALUE"
	}
	return fmt.Sprintf("%q does not fit: expected %s", kind.Token.Value, want)
}

// yaml is the configuration as config.yaml keeps it.
func (c *Config) yaml() ([]byte, error) { return yaml.Marshal(c) }
