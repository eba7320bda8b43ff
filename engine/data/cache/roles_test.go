package cache

import (
	"context"
	"slices"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/datatest"
)

// TestInshopRoles: the cache of the test split has queries and a gallery, and that of no other split.
func TestInshopRoles(t *testing.T) {
	files := datatest.InshopIn("img/")
	files["img/MEN/Denim/id_00000080/01_1_front.jpg"] = []byte("damaged")
	s, err := data.Open("inshop:"+datatest.Tree(t, files), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	cacheOf := func(split string) *Cache {
		c, err := Build(context.Background(), s.Split(split), Options{Size: 2, Channels: 1, RAM: 1 << 20, MaxBad: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	test := cacheOf("test")
	queries, gallery := test.Roles()
	if !slices.Equal(queries, []int32{0, 2}) || !slices.Equal(gallery, []int32{1}) {
		t.Errorf("queries %v, gallery %v; the first image of the gallery is damaged", queries, gallery)
	}
	if got := test.Ks(); !slices.Equal(got, []int{1, 10, 20, 30, 40, 50}) {
		t.Errorf("K %v", got)
	}
	for _, split := range []string{"train", "query", "all"} {
		if queries, gallery := cacheOf(split).Roles(); queries != nil || gallery != nil {
			t.Errorf("%s: queries %v, gallery %v", split, queries, gallery)
		}
	}
}
