package setting

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/setting/table"
)

// Origin is where a setting's value came from.
type Origin string

// The layers in their order: each wins over those before it.
const (
	FromDefault     Origin = "default" // or derived from other settings: --size 0 is the backbone's size
	FromPreset      Origin = "preset"
	FromFile        Origin = "file"
	FromEnvironment Origin = "environment"
	FromFlag        Origin = "flag"
)

// Layers are the settings of a run and where each came from.
type Layers struct {
	Config Config
	from   map[string]Origin // by key; without an entry: a default
	why    map[string]string // by key: why the value is as it is, where that was found out by a look at the data
	path   string            // of the settings file

	unnamed, open bool // no layer names a network, or weights; set by Resolve
}

// NewLayers lays a preset over the defaults, and the settings file at path, with the content text, over both. With preset "" it
// is the preset that the file names, or else Auto, whose choices come later (Choose); text nil is no file. Errors are *UsageError: an
// unknown preset, a wrong line.
func NewLayers(preset, path string, text []byte) (*Layers, error) {
	l := &Layers{Config: Defaults(), from: map[string]Origin{}, why: map[string]string{}, path: path}
	var file Config
	if err := file.ReadYAML(path, text); err != nil {
		return nil, err
	}
	if preset == "" && file.Preset != "" {
		preset = file.Preset
		l.from["preset"] = FromFile
	}
	switch preset {
	case "":
	case Auto, NoPreset:
		l.Config.Preset = preset
	default:
		if err := l.preset(preset); err != nil {
			return nil, err
		}
	}
	return l, l.file(path, text)
}

// LayersOver lays a settings file over the settings of an existing run, which count as defaults. A preset is not applied again.
func LayersOver(run Config, path string, text []byte) (*Layers, error) {
	l := &Layers{Config: run, from: map[string]Origin{}, why: map[string]string{}, path: path}
	if err := l.Config.ReadYAML(path, text); err != nil {
		return nil, err
	}
	return l, l.file(path, text)
}

func (l *Layers) preset(name string) error {
	p, err := findPreset(name)
	if err != nil {
		return err
	}
	for _, v := range p.values {
		l.from[v.key] = FromPreset
	}
	return p.apply(&l.Config)
}

// file applies the settings file, whose lines have been checked.
func (l *Layers) file(path string, text []byte) error {
	var keys map[string]any
	if err := yaml.Unmarshal(text, &keys); err != nil {
		return Usage("%s: %v", path, err)
	}
	for key := range keys {
		l.from[key] = FromFile
	}
	return l.Config.ReadYAML(path, text)
}

// Resolve fills in open settings and checks all of them (Config.Resolve). A preset's normalisation of pixels and its pooling belong to
// the preset's network: with another network, values that come only from the preset are left to that network.
func (l *Layers) Resolve() error {
	if p, err := findPreset(l.Config.Preset); err == nil && l.Config.Backbone != p.value("backbone") {
		leaveOpen(l, "channel-order", &l.Config.ChannelOrder)
		leaveOpen(l, "pixel-range", &l.Config.PixelRange)
		leaveOpen(l, "mean", &l.Config.Mean)
		leaveOpen(l, "std", &l.Config.Std)
		leaveOpen(l, "pool", &l.Config.Pool)
		leaveOpen(l, "stages", &l.Config.Stages)
	}
	l.unnamed, l.open = l.Config.Backbone == "", l.Config.weightsOpen()
	if l.Config.Epochs == openEpochs && l.Asks("method", "views", "training") {
		l.Config.Epochs = usualEpochs
	}
	return l.Config.Resolve()
}

// Resolved are the settings as Resolve would leave them; l stays as it is.
func (l *Layers) Resolved() (Config, error) {
	same := *l
	same.from = maps.Clone(l.from)
	err := same.Resolve()
	return same.Config, err
}

// untrained are the settings of methods and of training that have an effect without steps too.
var untrained = []string{"whiten-power", "final-whiten", "final-whiten-power", "result", "seed"}

// computed are the settings of how steps are computed, which do not ask for any.
var computed = []string{
	"batch", "accumulate", "recompute", "shards", "bn", "bn-shards", "exchange", "reduce", "reduce-ranks", "train-size",
}

// Asks says whether a layer above the presets sets a setting of these groups that has an effect only on steps, and asks for some.
func (l *Layers) Asks(groups ...string) bool {
	for _, r := range l.Config.Rows() {
		from, named := l.from[r.Key]
		asks := slices.Contains(groups, r.Group) && !slices.Contains(untrained, r.Key) && !slices.Contains(computed, r.Key)
		if asks && named && from != FromPreset {
			return true
		}
	}
	return false
}

// leaveOpen empties a setting that only the preset has set: its zero value leaves it to the program.
func leaveOpen[T any](l *Layers, key string, at *T) {
	if l.from[key] == FromPreset {
		*at = *new(T)
		delete(l.from, key)
	}
}

// Note records that the setting of that key was set by o.
func (l *Layers) Note(key string, o Origin) { l.from[key] = o }

// Under sets a setting that neither file, environment nor flag has set, as a preset would. It panics where there is no such setting.
func (l *Layers) Under(key string, v any) {
	if o := l.origin(key); o == FromDefault || o == FromPreset {
		l.Config.Set(key, v)
		l.Note(key, FromPreset)
	}
}

// Open says whether no layer has set the setting of that key.
func (l *Layers) Open(key string) bool { return l.origin(key) == FromDefault }

// Choose sets a setting that is Open as the preset Auto does, and says why. It panics where there is no such setting.
func (l *Layers) Choose(key string, v any, why string) {
	l.Config.Set(key, v)
	l.Note(key, FromPreset)
	l.Explain(key, why)
}

// Explain says why the setting of that key is as it is, for --show-config. The names in why may be any, and a comment has one line.
func (l *Layers) Explain(key, why string) {
	l.why[key] = strings.Join(strings.FieldsFunc(rawname.Text(why), unicode.IsControl), " ")
}

// Setting is a value, where it came from and, where that was found out by a look at the data, why it is so.
type Setting struct {
	Value any    `json:"value"`
	From  Origin `json:"from"`
	Why   string `json:"why,omitempty"`
}

// Settings are all settings of the run, by key, with texts as in a settings file.
func (l *Layers) Settings() map[string]Setting {
	list := map[string]Setting{}
	for _, r := range l.Config.Rows() {
		v := r.Value()
		if s, ok := v.(string); ok {
			v = rawname.Text(s)
		}
		list[r.Key] = Setting{v, l.origin(r.Key), l.why[r.Key]}
	}
	return list
}

// YAML is a settings file with all settings, each with its origin, and why it is so where that is known, as a comment.
func (l *Layers) YAML() ([]byte, error) {
	comments := yaml.CommentMap{}
	for key, s := range l.Settings() {
		text := " " + string(s.From)
		if s.Why != "" {
			text += ": " + s.Why
		}
		comments["$."+key] = []*yaml.Comment{yaml.LineComment(text)}
	}
	return yaml.MarshalWithOptions(table.Struct(l.Config.Rows(), rawname.Text), yaml.WithComment(comments))
}

func (l *Layers) origin(key string) Origin {
	if o, ok := l.from[key]; ok {
		return o
	}
	return FromDefault
}
