package table

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// example are rows of every kind with their values in one struct.
type example struct {
	i    int
	u    uint64
	f    float64
	s    string
	b    bool
	rows []Row
}

func newExample() *example {
	e := &example{}
	e.rows = Group("numbers",
		Int("whole", &e.i, 3, "a whole number").Within(1, 9),
		Uint64("seed", &e.u, math.MaxUint64, "a key"),
		Float("weight", &e.f, 0.5, "a weight").Within(0, 1),
		String("kind", &e.s, "a", "a kind").OneOf("a", "b").Under("words"),
		Bool("flag", &e.b, true, "a flag").Checked(func() error {
			if !e.b && e.i == 9 {
				return errors.New("--flag=false needs less than --whole 9")
			}
			return nil
		}),
	)
	Reset(e.rows)
	return e
}

// TestCheck: bounds come before choices, and both before a row's own check; NaN is out of range.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		change func(e *example)
		want   string
	}{
		{func(e *example) {}, ""},
		{func(e *example) { e.i = 9 }, ""},
		{func(e *example) { e.i, e.s, e.b = 10, "c", false }, "--whole 10 is out of range: expected 1 to 9"},
		{func(e *example) { e.f = math.NaN() }, "--weight NaN is out of range: expected 0 to 1"},
		{func(e *example) { e.f = math.Inf(1) }, "--weight +Inf is out of range: expected 0 to 1"},
		{func(e *example) { e.i, e.s, e.b = 9, "c", false }, `--kind "c" is not known: expected one of a, b`},
		{func(e *example) { e.i, e.b = 9, false }, "--flag=false needs less than --whole 9"},
	} {
		e := newExample()
		c.change(e)
		got := ""
		if err := Check(e.rows); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestStruct: rows are written to a settings file and read again unchanged, and unknown keys are refused.
func TestStruct(t *testing.T) {
	e := newExample()
	text, err := yaml.Marshal(Struct(e.rows, strings.ToUpper))
	want := "whole: 3\nseed: 18446744073709551615\nweight: 0.5\nkind: A\nflag: true\n"
	if err != nil || string(text) != want {
		t.Fatalf("%s%v, want %s", text, err, want)
	}
	e.i, e.u, e.f, e.s, e.b = 1, 1, 1, "b", false
	s := Struct(e.rows, strings.ToUpper)
	if err := yaml.UnmarshalWithOptions([]byte("weight: 0.25\n"), s, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if Take(e.rows, s, strings.ToLower); e.i != 1 || e.u != 1 || e.f != 0.25 || e.s != "b" || e.b {
		t.Errorf("%+v", e)
	}
	if err := yaml.UnmarshalWithOptions([]byte("weights: 0.25\n"), s, yaml.Strict()); err == nil {
		t.Error("an unknown key passes")
	}
}

// TestAuto: the help says what an open default means, for numbers and for texts.
func TestAuto(t *testing.T) {
	var i int
	var s string
	for _, c := range []struct {
		row  Row
		want string
	}{
		{Int("size", &i, 0, "size").Auto("the usual"), "size; 0: the usual"},
		{Int("flip", &i, -1, "flip").Auto("none"), "flip; -1: none"},
		{String("out", &s, "", "folder").Auto("a new one"), "folder (default: a new one)"},
	} {
		if c.row.Help != c.want {
			t.Errorf("%q, want %q", c.row.Help, c.want)
		}
	}
}

// TestFault: every way in which a row may be incomplete is found.
func TestFault(t *testing.T) {
	var i int
	var s string
	good := Int("whole", &i, 0, "help").Within(0, 1).Under("group")
	own := Int("own", &i, 0, "help").Checked(func() error { return nil }).Under("group")
	for _, r := range []Row{good, own, String("text", &s, "", "help").Under("group")} {
		if f := r.Fault(); f != "" {
			t.Errorf("%s: %s", r.Key, f)
		}
	}
	for _, r := range []Row{
		Int("", &i, 0, "help").Within(0, 1).Under("group"), Int("a_b", &i, 0, "help").Within(0, 1).Under("group"),
		Int("Upper", &i, 0, "help").Within(0, 1).Under("group"), Int("whole", &i, 0, "").Within(0, 1).Under("group"),
		Int("whole", &i, 0, "help").Within(0, 1), Int("whole", &i, 0, "help").Under("group"), good.Within(1, 0), good.Within(math.NaN(), 1),
	} {
		if r.Fault() == "" {
			t.Errorf("%+v passes", r)
		}
	}
}

// TestMerge: a shared setting is listed once and names its methods; each method's order is kept.
func TestMerge(t *testing.T) {
	var f float64
	lists := map[string][]string{"one": {"a", "b", "d"}, "three": {"e"}, "two": {"a", "c", "d"}}
	all := Merge([]string{"one", "three", "two"}, func(m string) []Row {
		var rows []Row
		for _, key := range lists[m] {
			rows = append(rows, Float(key, &f, 0, "help").Within(0, 1))
		}
		return rows
	})
	methods := map[string][]string{"a": {"one", "two"}, "b": {"one"}, "c": {"two"}, "d": {"one", "two"}, "e": {"three"}}
	for m, want := range lists {
		of := slices.DeleteFunc(slices.Clone(all), func(r Row) bool { return !r.UsedBy(m) })
		if !slices.Equal(Keys(of), want) {
			t.Errorf("%s has %v, want %v", m, Keys(of), want)
		}
	}
	for _, r := range all {
		if !slices.Equal(r.Methods, methods[r.Key]) {
			t.Errorf("%s is of %v, want %v", r.Key, r.Methods, methods[r.Key])
		}
	}
	if len(all) != len(methods) {
		t.Errorf("%v", Keys(all))
	}
}

// TestSame: rows of one definition are the same, with their values in any place, and every difference is seen.
func TestSame(t *testing.T) {
	var p, q float64
	var s string
	row := func(at *float64) Row { return Float("weight", at, 1, "help").Within(0, 2).Under("group") }
	if !row(&p).Same(row(&q)) {
		t.Error("one definition, twice, is not the same")
	}
	for _, r := range []Row{
		Float("weight", &p, 2, "help").Within(0, 2).Under("group"), Float("weight", &p, 1, "helps").Within(0, 2).Under("group"),
		Float("weights", &p, 1, "help").Within(0, 2).Under("group"), String("weight", &s, "1", "help").Under("group"),
		row(&p).Within(0, 3), row(&p).Under("other"), row(&p).Free(), row(&p).Network(), row(&p).Shape(), row(&p).Unpreset(),
		row(&p).MayBeBare(), row(&p).OneOf("a"), row(&p).Checked(func() error { return nil }),
	} {
		if r.Same(row(&q)) {
			t.Errorf("%+v passes as the same", r)
		}
	}
}

// TestValues: only values that differ from the defaults are stored, and a copy is independent of its original.
func TestValues(t *testing.T) {
	e := newExample()
	var v Values
	at := func(v *Values, key string) Row {
		r, _ := Find(e.rows, key)
		return r.In(v)
	}
	at(&v, "whole").Set(5)
	copied := v
	at(&v, "whole").Set(6)
	at(&copied, "kind").Set("b")
	if at(&v, "whole").Value() != 6 || at(&copied, "whole").Value() != 5 || at(&v, "kind").Value() != "a" || e.i != 3 {
		t.Errorf("%v and %v, at the old place %d", v, copied, e.i)
	}
	at(&copied, "kind").Set("a")
	at(&copied, "whole").Set(3)
	if !reflect.DeepEqual(copied, Values{}) {
		t.Errorf("defaults again are kept as %v", copied)
	}
}

// TestSetRefusesAnotherType: a wrong type or key panics, since it is a mistake of the program, not of a user.
func TestSetRefusesAnotherType(t *testing.T) {
	e := newExample()
	for what, set := range map[string]func(){
		"another type": func() { Set(e.rows, "whole", 1.0) }, "no such key": func() { Set(e.rows, "wholes", 1) },
		"another type in Values": func() { e.rows[0].In(new(Values)).Set("1") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s passes", what)
				}
			}()
			set()
		}()
	}
}
