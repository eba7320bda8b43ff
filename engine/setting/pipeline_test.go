package setting

import (
	"encoding/json"
	"strings"
	"testing"

	"udml-gpu/engine/setting/table"
)

// TestPipelineIsRecorded: every key of the record is a setting that a run cannot change.
func TestPipelineIsRecorded(t *testing.T) {
	c, err := resolved(t, "squeezenet", nil)
	if err != nil {
		t.Fatal(err)
	}
	var record map[string]any
	if err := json.Unmarshal([]byte(c.Pipeline()), &record); err != nil || len(record) != 10 {
		t.Fatalf("%s: %v", c.Pipeline(), err)
	}
	for key := range record {
		if r, ok := table.Find(Table(), key); !ok || !r.OfNetwork || r.MayChange {
			t.Errorf("%s may be changed", key)
		}
	}
	want := `{"channel-order":"rgb","channels":3,"interpolation":"bilinear","invert":false,"mean":[123,117,104],"pixel-range":255,` +
		`"resize":224,"resize-mode":"squash","size":224,"std":[1,1,1]}`
	if c.Pipeline() != want {
		t.Errorf("%s\nwant %s", c.Pipeline(), want)
	}
}

// FuzzPipeline: a record is accepted exactly when it says the same as the settings.
func FuzzPipeline(f *testing.F) {
	c := Defaults()
	c.Data, c.Backbone = "photos", "squeezenet"
	if err := c.Resolve(); err != nil {
		f.Fatal(err)
	}
	f.Add(c.Pipeline())
	f.Add(strings.Replace(c.Pipeline(), "squash", "shorter", 1))
	f.Add(strings.Replace(c.Pipeline(), "{", `{"gamma":2.2,`, 1))
	f.Add(strings.Replace(c.Pipeline(), "123", "1e999", 1))
	f.Add(`null`)
	f.Add(`{"mean":{"a":[[[]]]}}`)
	f.Fuzz(func(t *testing.T, record string) {
		err := c.SamePipeline("m", record)
		var was map[string]any
		if json.Unmarshal([]byte(record), &was) != nil {
			was = nil
		}
		again, _ := json.Marshal(was) // keys sorted, one spelling
		if same := string(again) == c.Pipeline(); same != (err == nil) {
			t.Fatalf("%s: %v", record, err)
		}
	})
}
