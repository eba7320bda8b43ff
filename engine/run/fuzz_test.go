package run

import (
	"encoding/json"
	"testing"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/report/board/boardtest"
	"udml-gpu/engine/setting"
)

// FuzzState: any bytes give an error or a state that the rest of the program can use.
func FuzzState(f *testing.F) {
	good, err := json.Marshal(State{Version: StateVersion, Epoch: 1, Step: 3, History: []*EpochReport{{Epoch: 1}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(good), `{"version":3,"written_by":"9.9"}`, `{"version":1,"epoch":1,"history":[null]}`,
		`{"version":2,"result":{}}`, `{"version":2,"epoch":-1}`, `[`, `{"version":2,"history":[{"epoch":2}]}`,
		`{"version":2,"epoch":1,"step":4,"history":[{"epoch":1,"steps":4,"within":{"steps":[2,4,5],"figures":{"loss":[1,2]}}}],` +
			`"epoch_seconds":[2,3]}`,
		`{"version":2,"epoch":1,"step":4,"history":[{"epoch":1,"steps":-4,"quality":{"recall":{"1":1e300}}}],"epoch_seconds":[1e300],` +
			`"result":{"before":{},"after":{"raw":{}}}}`,
		`{"version":2,"start_by_class":{"queries":[2],"hits":{"1":[1]},"matched":[2],"precision":[0.5]},"result":{"before":{},"after":{},` +
			`"change":{"a":0.5,"b":0.4,"difference":-0.1,"low":-0.2,"high":-0.1},"choice":{"kept":"trained","share":1}}}`,
		`{"version":2,"start_by_class":{"queries":[2],"hits":{"1":[3]},"matched":[2],"precision":[0.5]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseState(b)
		if err != nil {
			return
		}
		sheet := &Sheet{Dir: "run", Config: setting.Defaults(), State: &s, Train: &cache.Cache{}}
		sheet.charts() // together with the rows, report.html reads all of a state
		sheet.qualityRows()
		if s.Result != nil {
			s.Result.ChangeText()
		}
		boardtest.Read(t, sheet.Board())
	})
}

// FuzzPartial: any bytes give an error or the figures of an unfinished epoch.
func FuzzPartial(f *testing.F) {
	good, err := json.Marshal(&Partial{Labels: []int32{1, 2}, Method: map[string]json.RawMessage{"live": []byte("0.5")}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"steps":2,"skipped":3,"labels":[1,2]}`))
	f.Add([]byte(`{"steps":2,"labels":[1,2],"neighbours":[-2,0,7],"live":"x"}`))
	f.Add([]byte(`{"steps":1e99}`))
	f.Add([]byte(`{"steps":2,"labels":[1,2],"plan_first":[0,2],"plan_second":[2,1]}`))
	f.Add([]byte(`{"steps":2,"labels":[1,2],"plan_first":[0,2],"plan_second":[2,1],"plan_labels":[5]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePartial(b)
		if err != nil {
			return
		}
		if p.fits(Shape{p.Steps, len(p.Labels), 2, 3}) && p.First != nil && (len(p.First) != 2 || p.First[0] > 2 || p.Second[1] < 0) {
			t.Errorf("%v and %v are taken for a plan", p.First, p.Second)
		}
		if n := len(p.RowLabels); p.fits(Shape{p.Steps, len(p.Labels), 2, 3}) && p.RowLabels != nil && n != 2 {
			t.Errorf("%d labels are taken for those of two rows", n)
		}
		if p.Skipped > p.Steps {
			t.Errorf("%d of %d steps skipped", p.Skipped, p.Steps)
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if q, err := parsePartial(again); err != nil || q.Steps != p.Steps || len(q.Method) < len(p.Method) {
			t.Errorf("%s becomes %s: %v", b, again, err)
		}
	})
}

// FuzzClasses: any bytes give an error or sums of which the scores and their intervals can be made.
func FuzzClasses(f *testing.F) {
	for _, seed := range []string{
		`{"version":1,"epochs":1,"test_fingerprint":"aa","queries":[2,1],"hits":{"1":[1,0]},"matched":[2,1],"precision":[0.5,0]}`,
		`{"version":1,"test_fingerprint":"aa","queries":[1],"hits":{"0":[1]},"matched":[1],"precision":[1e300]}`, `{"version":2}`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseClasses(b)
		if err != nil {
			return
		}
		for _, k := range c.Ks() {
			if v := c.Recall(k); !(v >= 0 && v <= 1) {
				t.Errorf("Recall@%d is %g", k, v)
			}
		}
		if v := c.MAPAtR(); !(v >= 0 && v <= 1) {
			t.Errorf("MAP@R is %g", v)
		}
		if d, err := eval.Differences(c.ClassSums, c.ClassSums); err == nil && (d[0].Low != 0 || d[0].High != 0) {
			t.Errorf("%+v", d)
		}
	})
}
