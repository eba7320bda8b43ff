package setting

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"udml-gpu/engine/setting/table"
)

// ConfigFile is the settings of a run in its directory.
const ConfigFile = "config.yaml"

// MaxConfig bounds a file of settings: all of them take some kilobytes.
const MaxConfig = 64 << 10

// SettingsFile is the text of a file of settings. A pipe is allowed.
func SettingsFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAtMost(f, path, MaxConfig)
}

// ReadYAML sets the fields that the file text names; path is for messages. Unknown keys are errors that name
// line and column, and the key that may have been meant; they leave c as it was. A file that holds no settings changes nothing.
// Settings of other methods than c's are read as well.
func (c *Config) ReadYAML(path string, text []byte) error {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return Usage("%s is in UTF-16: save it as UTF-8", path)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors on Windows write a byte order mark
	if err := plainYAML(path, text); err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	rows := c.rows()
	read := table.Struct(rows)
	err := d.Decode(read)
	switch {
	case errors.Is(err, io.EOF): // nothing but comments, for which the decoder clears all fields
		return nil
	case err == nil:
		table.Take(rows, read)
		return nil
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return Usage("%s: %v", path, err)
	}
	return Usage("%s, line %d, column %d: %s", path, at.GetToken().Position.Line, at.GetToken().Position.Column, yamlMessage(at))
}

// plainYAML refuses what no file of settings has: lists, maps in values, and references, with which a small file could make the
// decoder work for hours.
func plainYAML(path string, text []byte) error {
	if len(text) > MaxConfig {
		return Usage("%s has more than %d KiB, which no file of settings has", path, MaxConfig>>10)
	}
	for _, t := range lexer.Tokenize(string(text)) {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.SequenceStartType, token.SequenceEntryType, token.MappingStartType,
			token.MappingKeyType, token.MergeKeyType:
			return Usage("%s, line %d, column %d: %q has no place in settings: expected NAME: VALUE on each line, texts with such signs in quotes",
				path, t.Position.Line, t.Position.Column, t.Value)
		}
	}
	return nil
}

// yamlMessage is the decoder's sentence, in the words of flags where it speaks of Go.
func yamlMessage(err yaml.Error) string {
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		key := unknown.Token.Value
		return fmt.Sprintf("%q is no setting%s", key, suggestion(key, settingNames()))
	}
	var kind *yaml.TypeError
	if !errors.As(err, &kind) {
		return err.GetMessage()
	}
	want := map[reflect.Kind]string{
		reflect.Int: "a whole number", reflect.Uint64: "a whole number of at least 0", reflect.Float64: "a number",
		reflect.Bool: "true or false", reflect.String: "text",
	}[kind.DstType.Kind()]
	if want == "" {
		want = "settings as NAME: VALUE"
	}
	return fmt.Sprintf("%q does not fit: expected %s", kind.Token.Value, want)
}

// YAML is the configuration as config.yaml keeps it: general settings and those of the method.
func (c *Config) YAML() ([]byte, error) { return yaml.Marshal(table.Struct(c.Rows())) }
