package engine

import (
	"encoding/json"
	"testing"
)

// FuzzState: any bytes are a state that the rest of the program can work with, or an error.
func FuzzState(f *testing.F) {
	good, err := json.Marshal(State{Version: stateVersion, Epoch: 1, Step: 3, History: []*EpochReport{{Epoch: 1}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(good), `{"version":3,"written_by":"9.9"}`, `{"version":1,"epoch":1,"history":[null]}`,
		`{"version":2,"result":{}}`, `{"version":2,"epoch":-1}`, `[`, `{"version":2,"history":[{"epoch":2}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseState(b)
		if err != nil {
			return
		}
		tr := &Trainer{state: s, network: &Network{Config: Defaults()}, run: &Run{dir: "run"}}
		tr.charts() // what report.html is made of walks through all that a state holds
		tr.qualityRows()
	})
}

// FuzzPartial: any bytes are the figures of an unfinished epoch, or an error.
func FuzzPartial(f *testing.F) {
	good, err := json.Marshal(newPartial(newEpochFigures(Config{Clusters: 2}), []int32{1, 2}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"steps":2,"skipped":3,"labels":[1,2]}`))
	f.Add([]byte(`{"steps":2,"labels":[1,2],"neighbours":[-2,0,7]}`))
	f.Add([]byte(`{"steps":1e99}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePartial(b)
		if err != nil || !p.fits(2, 3) {
			return
		}
		if figures := p.figures(Config{Clusters: 2}); figures.skipped > figures.steps {
			t.Errorf("%d of %d steps skipped", figures.skipped, figures.steps)
		}
	})
}

// FuzzYAML: any file of settings is read or refused with a usage error.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"epochs: 3\n", "epoch: 3\n", "lr: high\n", "a: &a [*a]\n", "data: {b: [1, 2]}\n", "- 1\n", "\"\\xff\": 1", "lr: .nan\nscale: 1,2\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c := Defaults()
		err := c.ReadYAML("settings.yaml", text)
		if err == nil {
			err = c.Resolve()
		}
		if _, ok := err.(*UsageError); err != nil && !ok {
			t.Errorf("%T: %v", err, err)
		}
	})
}
