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

	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/setting/table"
)

// ConfigFile is the name of the file in a run directory that holds the run's settings.
const ConfigFile = "config.yaml"

// MaxConfig is the largest size of a settings file, in bytes: all settings take some kilobytes.
const MaxConfig = 64 << 10

// SettingsFile is the text of the settings file at path, which may be a pipe.
func SettingsFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAtMost(f, path, MaxConfig)
}

// ReadYAML sets the settings that text names, the content of a settings file; path is for messages. An unknown key is a UsageError
// with line, column and the most similar key, and leaves c unchanged. A file without settings changes nothing. Settings of other
// methods than c's are read as well. Texts are as rawname.Text writes them.
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
	read := table.Struct(rows, rawname.Text)
	err := d.Decode(read)
	switch {
	case errors.Is(err, io.EOF): // only comments, for which the decoder clears all fields
		return nil
	case err == nil:
		table.Take(rows, read, rawname.Bytes)
		return nil
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return Usage("%s: %v", path, err)
	}
	return Usage("%s, line %d, column %d: %s", path, at.GetToken().Position.Line, at.GetToken().Position.Column, yamlMessage(at))
}

// plainYAML is a UsageError for lists, maps in values, and references: no setting needs them, and with references a small file
// could keep the decoder busy for hours.
func plainYAML(path string, text []byte) error {
	if len(text) > MaxConfig {
		return Usage("%s has more than %d KiB, the limit for a settings file", path, MaxConfig>>10)
	}
	for _, t := range lexer.Tokenize(string(text)) {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.SequenceStartType, token.SequenceEntryType, token.MappingStartType,
			token.MappingKeyType, token.MergeKeyType:
			return Usage("%s, line %d, column %d: %q cannot be used in settings: expected NAME: VALUE on each line, texts with such signs "+
				"in quotes", path, t.Position.Line, t.Position.Column, t.Value)
		}
	}
	return nil
}

// yamlMessage is the decoder's message; where it would name types of Go it names kinds of values instead.
func yamlMessage(err yaml.Error) string {
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		key := unknown.Token.Value
		return fmt.Sprintf("%q is not a setting%s", key, suggestion(key, settingNames()))
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

// YAML is the content of config.yaml: the general settings and those of the method. Names of files that are no UTF-8, which YAML must be,
// are written as rawname.Text.
func (c *Config) YAML() ([]byte, error) { return yaml.Marshal(table.Struct(c.Rows(), rawname.Text)) }
