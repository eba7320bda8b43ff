package search

import (
	"strings"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.png", "a/b/c.png", true},
		{"*.png", "a.jpg", false},
		{"a/*.png", "a/b.png", true},
		{"a/*.png", "a/b/c.png", false},
		{"a/**", "a/b/c.png", true},
		{"**/c.png", "c.png", true},
		{"**/c.png", "a/b/c.png", true},
		{"**/b/**", "a/b/c.png", true},
		{"**/b/**", "a/c/c.png", false},
		{"a/**/d", "a/d", true},
		{"a/**/d", "a/b/c/d", true},
		{"a/**/d", "b/d", false},
		{"/a", "a", false},
		{"[ab]/*", "b/x", true},
	} {
		if got, err := match(c.pattern, c.name); got != c.want || err != nil {
			t.Errorf("%s of %s: %v, %v", c.pattern, c.name, got, err)
		}
	}
	for _, bad := range []string{"[", "a/[", "**/[", "a/b/[", "zzz/["} {
		if _, err := match(bad, "a/b"); err == nil {
			t.Errorf("%s is no error", bad)
		}
	}
}

func TestFilterErrors(t *testing.T) {
	c := collectiontest.Of(t, []collection.Item{{Path: "a/1.png", Label: "a"}, {Path: "a/2.png", Gone: true}}, []float32{1, 0, 0, 1})
	for _, f := range []struct {
		Filter
		want string
	}{
		{Filter{Labels: []string{"b"}}, "passes --label b"},
		{Filter{Globs: []string{"a/["}}, "is no pattern"},
		{Filter{Groups: []string{"0"}}, "has no groups yet"},
		{Filter{Splits: []string{"x"}, Globs: []string{"*"}}, "passes --split x, --glob *"},
	} {
		if _, err := f.Allowed(c); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%v: %v, want %q", f.Filter, err, f.want)
		}
	}
	if list, err := (&Filter{}).Allowed(c); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
	if err := c.SetGroups(&collection.Groups{Method: "kmeans", K: 2, Names: []string{"red", "blue"}, Of: []int32{1, 0}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1", "blue"} {
		if list, err := (&Filter{Groups: []string{name}}).Allowed(c); err != nil || len(list) != 1 || list[0] != 0 {
			t.Error(name, list, err)
		}
	}
	if _, err := (&Filter{Groups: []string{"green"}}).Allowed(c); err == nil || !strings.Contains(err.Error(), "0 to 1") {
		t.Error(err)
	}
}
