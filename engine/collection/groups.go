package collection

import (
	"slices"
	"strconv"
)

var groupsFile = derived{"groups.json", "groups", "cluster"}

// Groups are the groups that the items were sorted into.
type Groups struct {
	Items  string   `json:"items"`  // SHA-256 of the file of items that they are of
	Method string   `json:"method"` // such as kmeans
	K      int      `json:"k"`
	Names  []string `json:"names"` // [K]; of equal ones all but the first have numbers
	Of     []int32  `json:"of"`    // [N] the group of each item; -1: none
}

// Groups reads the groups of the collection. They are a *baddata.Error where there are none, or none of its present items.
func (c *Collection) Groups() (*Groups, error) {
	g := &Groups{}
	err := groupsFile.read(c, g, &g.Items, func() bool {
		return g.K >= 0 && len(g.Names) == g.K && len(g.Of) == len(c.Items) &&
			!slices.ContainsFunc(g.Of, func(of int32) bool { return of < -1 || int(of) >= g.K })
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// SetGroups replaces the groups of the collection.
func (c *Collection) SetGroups(g *Groups) error {
	g.Items = c.Manifest.Items.SHA256
	return groupsFile.write(c, g)
}

// Find is the group of that name or number; -1: there is none.
func (g *Groups) Find(name string) int {
	if at := slices.Index(g.Names, name); at >= 0 {
		return at
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < g.K {
		return n
	}
	return -1
}
