package setting

import (
	"slices"
	"testing"
)

// TestUnused: settings that the method does not have are named as they were given, except those of a preset.
func TestUnused(t *testing.T) {
	for _, c := range []struct {
		preset, text string
		flags, env   []string
		want         []string
	}{
		{"", "", nil, nil, nil},
		{"", "method: cbswr\nrec-weight: 1\n", []string{"temperature"}, nil, nil},
		{"", "method: rim\nmu: 2\n", []string{"temperature"}, nil, []string{"--temperature has no effect: --method rim does not use it"}},
		{"", "method: cbs\n", nil, []string{"rec-weight"}, []string{"UDML_REC_WEIGHT has no effect: --method cbs does not use it"}},
		{"cbswr-cub", "method: rim\n", nil, nil, nil},
		{"cbswr-cub", "method: rim\nrec-weight: 1\nalpha: 1\ntemperature: 1\n", []string{"metric-weight"}, nil, []string{
			"--metric-weight has no effect: --method rim does not use it",
			"temperature, alpha and rec-weight in f.yaml have no effect: --method rim does not use them",
		}},
	} {
		l, err := NewLayers(c.preset, "f.yaml", []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range c.flags {
			l.Note(key, FromFlag)
		}
		for _, key := range c.env {
			l.Note(key, FromEnvironment)
		}
		if got := l.Unused(); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	run := Defaults()
	run.Method = "rim"
	l, err := LayersOver(run, "f.yaml", []byte("alpha: 2\nmu: 2\n"))
	if want := "alpha in f.yaml has no effect: --method rim does not use it"; err != nil || !slices.Equal(l.Unused(), []string{want}) {
		t.Errorf("%v, %v", l, err)
	}
}
