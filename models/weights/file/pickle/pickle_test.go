package pickle

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// echo is a resolver that returns every value unchanged, except for names "refused" and "skipped".
type echo struct{}

func (echo) Find(g Global) error {
	if g.Name == "refused" {
		return fmt.Errorf("%s is refused", g)
	}
	return nil
}

func (echo) Call(g Global, args Tuple) (any, error) {
	if g.Name == "skipped" {
		return Skipped{g}, nil
	}
	return Tuple{g, args}, nil
}

func (echo) Persistent(id any) (any, error) { return Tuple{"outside", id}, nil }
func (echo) Build(object, _ any) error {
	if _, ok := object.(*Dict); !ok {
		return errors.New("not a dict")
	}
	return nil
}

// dict is a Dict of alternating keys and values.
func dict(t *testing.T, items ...any) *Dict {
	t.Helper()
	d := &Dict{}
	for i := 0; i < len(items); i += 2 {
		if err := d.Set(items[i], items[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestLoad(t *testing.T) {
	g, skipped := Global{"m", "f"}, Skipped{Global{"m", "skipped"}}
	for in, want := range map[string]any{
		"\x80\x02N.":                    nil,
		"\x88.":                         true,
		"\x89.":                         false,
		"K\xff.":                        int64(255),
		"M\x01\x02.":                    int64(513),
		"J\xfe\xff\xff\xff.":            int64(-2),
		"\x8a\x00.":                     int64(0),
		"\x8a\x01\xff.":                 int64(-1),
		"\x8a\x05\x00\x00\x00\x00\x01.": int64(1 << 32),
		"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.":     int64(math.MinInt64),
		"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x40.": Unread{},
		"G\x3f\xf8\x00\x00\x00\x00\x00\x00.":            1.5,
		"X\x02\x00\x00\x00\xc3\xa9.":                    "é",
		").":                                            Tuple{},
		"(K\x01K\x02t.":                                 Tuple{int64(1), int64(2)},
		"K\x01\x85.":                                    Tuple{int64(1)},
		"K\x01K\x02\x86.":                               Tuple{int64(1), int64(2)},
		"K\x01K\x02K\x03\x87.":                          Tuple{int64(1), int64(2), int64(3)},
		"].":                                            &List{},
		"]K\x01a(K\x02Ne.":                              &List{[]any{int64(1), int64(2), nil}},
		"}K\x01Ns(X\x01\x00\x00\x00a\x88u.":             dict(t, int64(1), nil, "a", true),
		"}}b.":                                          &Dict{},
		"K\x07q\x05h\x05\x86.":                          Tuple{int64(7), int64(7)},
		"K\x07r\x05\x01\x00\x00j\x05\x01\x00\x00\x86.": Tuple{int64(7), int64(7)},
		"cm\nf\n)R.": Tuple{g, Tuple{}},
		"K\x01Q.":    Tuple{"outside", int64(1)},

		"\x8b\x02\x00\x00\x00\xfe\xff.":                             int64(-2),
		"\x8b\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x40.": Unread{},
		"X\x01\x00\x00\x00\xff.":                                    Unread{}, // no UTF-8
		"U\x01\x80.":                                                Unread{},
		"K\x07N0.":                                                  int64(7),
		"K\x07(NN1.":                                                int64(7),
		"K\x072\x86.":                                               Tuple{int64(7), int64(7)},
		"cm\nf\n)\x81.":                                             Tuple{g, Tuple{}},
		"(cm\nf\nK\x01o.":                                           Tuple{g, Tuple{int64(1)}},
		"}]Ns.":                                                     &Dict{Others: []any{nil}},
		"}G\x00\x00\x00\x00\x00\x00\x00\x00K\x01s.": &Dict{Others: []any{int64(1)}},
		"}U\x01\x80K\x01s.":                         &Dict{Others: []any{int64(1)}},
		// skipped objects accept arguments, attributes and items, and give only skipped objects
		"cm\nskipped\n)\x81}b.":                               skipped,
		"cm\nskipped\n)RK\x01a.":                              skipped,
		"cm\nskipped\n)R(K\x01K\x02e(K\x01K\x02uK\x01K\x02s.": skipped,
		"cm\nskipped\n)R)R.":                                  skipped,
		"cm\nskipped\n)RN\x81.":                               skipped,
		"}cm\nskipped\n)RK\x01s.":                             &Dict{Others: []any{int64(1)}},
	} {
		got, err := Load([]byte(in), echo{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %#v (%v), want %#v", in, got, err, want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"": "end early", "N": "end early", "K": "end early", "X\xff\xff\xff\xffa": "end early", "cm\nf": "end early", "G\x00": "end early",
		"\x8a\xff\x01": "end early", "\x80": "end early", "q": "end early", "h\x01": "memo 1",
		".": "0 values", "NN.": "2 values", "(N.": "1 marks", "N.N": "bytes follow",
		"\x80\x04N.": "protocol 4", "\x8c\x00.": "opcode 0x8c", "\x81": "too few", "o": "no mark", "(o": "too few",
		"(No": "a call of <nil>", "0": "too few", "1": "no mark", "2": "too few", "(0": "too few",
		"\x8b\xff\xff\xff\xff\x01": "end early", "\x82\x01": "opcode 0x82", "i": "opcode 0x69",
		"t.": "no mark", "(e.": "too few", "e.": "no mark", "K\x01a.": "too few", "a": "too few", "N\x86.": "too few",
		"q\x00.": "too few", "K\x01s.": "too few",
		"(K\x01(R": "too few", // the mark protects the values below it
		"N]a.":     "appended to a <nil>", "]K\x01Ns.": "set in a", "}(K\x01u.": "1 keys and values",
		"}K\x01NsK\x01Ns.": "twice",
		"N)R.":             "a call of <nil>", "cm\nf\n]R.": "a call of", "cos\nrefused\n.": "os.refused is refused", "R": "too few",
		"Q": "too few", "Nb": "too few", "NNb": "not a dict",
	} {
		v, err := Load([]byte(in), echo{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, error %v, want one with %q", in, v, err, want)
		}
	}
}

func TestLoadIsBounded(t *testing.T) {
	_, err := Load([]byte(strings.Repeat("N", maxSteps+1)), echo{})
	if err == nil || !strings.Contains(err.Error(), "opcodes") {
		t.Errorf("error %v", err)
	}
}

// FuzzLoad: any bytes give a value or an error.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("\x80\x02}q\x00(X\x01\x00\x00\x00acm\nf\n(K\x01\x85N\x88tR]q\x01(h\x00G\x3f\xf8\x00\x00\x00\x00\x00\x00eu."))
	f.Add([]byte("cm\nf\n)RK\x01Q\x8a\x05\x00\x00\x00\x00\x01\x87."))
	f.Add([]byte("]q\x00h\x00a."))
	f.Add([]byte("}cm\nskipped\n)\x81}X\x01\x00\x00\x00aNsb(cm\nskipped\nK\x01o2u)R\x8b\x01\x00\x00\x00\x01\x86."))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Load(b, echo{})
		if err != nil {
			return
		}
		switch v.(type) {
		case nil, bool, int64, float64, string, Tuple, *List, *Dict, Global, Unread, Skipped:
		default:
			t.Fatalf("a %T", v)
		}
	})
}
