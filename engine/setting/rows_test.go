package setting

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/method"
	"udml-gpu/engine/setting/table"
)

func equal(a, b Config) bool { return reflect.DeepEqual(a, b) }

// TestRowsAreComplete: every setting, also of methods, has help, a group and, if it is a number, bounds; each key is listed once.
func TestRowsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Table() {
		if r.Methods == nil {
			if fault := r.Fault(); fault != "" {
				t.Errorf("%s: %s", r.Key, fault)
			}
		}
		if seen[r.Key] {
			t.Errorf("%s is listed twice in the table", r.Key)
		}
		seen[r.Key] = true
	}
	for _, r := range ownRows() {
		if !seen[r.Key] {
			t.Errorf("%s of %v is under %q, a heading that no list has: Config.rows must list ownRows of it", r.Key, r.Methods, r.Group)
		}
	}
}

// TestMethodsAgree: a key that several methods have is the same setting in all of them, and not a general setting.
func TestMethodsAgree(t *testing.T) {
	first := map[string]table.Row{}
	of := map[string]string{}
	for _, name := range method.Names() {
		m, err := method.New(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range table.Group("method", m.Settings()...) {
			if fault := r.Fault(); fault != "" {
				t.Errorf("--%s of %s: %s", r.Key, name, fault)
			}
			if o, ok := first[r.Key]; ok && !r.Same(o) {
				t.Errorf("--%s of %s is not --%s of %s: make both with one function, or give one the method's prefix",
					r.Key, name, r.Key, of[r.Key])
			}
			first[r.Key], of[r.Key] = r, name
		}
	}
	for _, r := range Table() {
		if _, ok := first[r.Key]; ok && r.Methods == nil {
			t.Errorf("--%s is a general setting and one of %s", r.Key, of[r.Key])
		}
	}
}

// TestMethodsAreDocumented: docs/method.md names every method's own settings.
func TestMethodsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/method.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range ownRows() {
		if !strings.Contains(string(text), "`--"+r.Key+"`") {
			t.Errorf("docs/method.md does not name `--%s` of %s", r.Key, strings.Join(r.Methods, ", "))
		}
	}
}

// TestEveryFieldHasARow: a general setting is a field of Config with exactly one row.
func TestEveryFieldHasARow(t *testing.T) {
	var c Config
	bound := map[string]int{}
	for _, r := range c.rows() {
		if r.Methods != nil {
			continue
		}
		before := fields(c)
		r.Set(other(r.Value()))
		for name, v := range fields(c) {
			if v != before[name] {
				bound[name]++
			}
		}
	}
	for name := range fields(c) {
		if bound[name] != 1 {
			t.Errorf("field %s has %d rows, want 1", name, bound[name])
		}
	}
	if len(bound) != len(fields(c)) {
		t.Errorf("%d of %d fields have rows", len(bound), len(fields(c)))
	}
}

// fields are the exported fields of c and of the structs in it, by name.
func fields(c Config) map[string]any {
	list := map[string]any{}
	v := reflect.ValueOf(c)
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.IsExported() && !f.Anonymous {
			list[f.Name] = v.FieldByIndex(f.Index).Interface()
		}
	}
	return list
}

// other is a value of the same type that differs.
func other(v any) any {
	switch v := v.(type) {
	case int:
		return v + 1
	case uint64:
		return v + 1
	case float64:
		return v + 1
	case bool:
		return !v
	case string:
		return v + "x"
	}
	panic("a setting of another type")
}

// TestDefaultsPass: for every method and kind of image the defaults pass Resolve.
func TestDefaultsPass(t *testing.T) {
	for _, name := range method.Names() {
		for _, channels := range []int{1, 3} {
			c := Defaults()
			c.Method, c.Channels = name, channels
			if err := c.Resolve(); err != nil {
				t.Errorf("%s, %d channels: %v", name, channels, err)
			}
		}
	}
}

// TestCopiesAreIndependent: a change of a method's setting in a Config does not change its copies, nor the other way round.
func TestCopiesAreIndependent(t *testing.T) {
	first := Defaults()
	first.Set("clusters", 7)
	second := first
	second.Set("clusters", 9)
	third := second
	second.Set("mu", 0.5)
	third.Set("clusters", 32)
	for i, want := range map[*Config]struct {
		clusters int
		mu       float64
	}{&first: {7, 1}, &second: {9, 0.5}, &third: {32, 1}} {
		k, _ := table.Find(i.rows(), "clusters")
		m, _ := table.Find(i.rows(), "mu")
		if k.Value() != want.clusters || m.Value() != want.mu {
			t.Errorf("clusters %v, mu %v, want %v", k.Value(), m.Value(), want)
		}
	}
	if !equal(third, Defaults()) {
		t.Error("a setting that is reset to its default differs from one that was never set")
	}
}

// TestOtherMethodsSettings: settings of other methods are read and checked, but are not settings of the run.
func TestOtherMethodsSettings(t *testing.T) {
	c := Defaults()
	if err := c.ReadYAML("f.yaml", []byte("method: rim\ntemperature: 0.5\nclusters: 7\n")); err != nil {
		t.Fatal(err)
	}
	keys := table.Keys(c.Rows())
	k, _ := table.Find(c.rows(), "clusters")
	if slices.Contains(keys, "temperature") || !slices.Contains(keys, "clusters") || k.Value() != 7 {
		t.Errorf("a run of rim has the settings %v", keys)
	}
	run := Defaults()
	run.Data, run.Method = "d", "rim"
	c.Data = "d"
	c.Set("clusters", 32)
	if err := run.Resolve(); err != nil {
		t.Fatal(err)
	}
	if changes, err := c.CompatibleWith(run, nil); err != nil || len(changes) > 0 {
		t.Errorf("%v, %v: a setting that rim does not have stops a run from being resumed", changes, err)
	}
	c.Set("temperature", -1.0)
	if err := c.Resolve(); err == nil || err.Error() != "--temperature -1 is out of range: expected 0.0001 to 10000" {
		t.Errorf("error %v", err)
	}
}

// TestReadsLabels: a run on true labels is known by its settings.
func TestReadsLabels(t *testing.T) {
	c := Defaults()
	if c.ReadsLabels() {
		t.Error("the default reads labels")
	}
	c.Set("pseudo-labels", "oracle")
	if !c.ReadsLabels() {
		t.Error("the oracle reads none")
	}
}
