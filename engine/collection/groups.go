package collection

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

const (
	groupsFile = "groups.json"
	maxGroups  = 4 << 30
)

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
	b, err := disk.ReadFile(filepath.Join(c.Path, groupsFile), maxGroups)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, baddata.Errorf("%s has no groups yet: udml-gpu cluster %s makes them", c.Path, c.Path)
	case err != nil:
		return nil, baddata.Errorf("%s: its %s cannot be read: %w", c.Path, groupsFile, err)
	}
	g := &Groups{}
	if err := json.Unmarshal(b, g); err != nil || g.K < 0 || len(g.Names) != g.K {
		return nil, baddata.Errorf("%s: its %s is damaged: udml-gpu cluster %s makes it anew", c.Path, groupsFile, c.Path)
	}
	if g.Items != c.Manifest.Items.SHA256 || len(g.Of) != len(c.Items) {
		return nil, baddata.Errorf("the groups of %s are of other images than it holds now: udml-gpu cluster %s makes them anew",
			c.Path, c.Path)
	}
	if slices.ContainsFunc(g.Of, func(of int32) bool { return of < -1 || int(of) >= g.K }) {
		return nil, baddata.Errorf("%s: its %s is damaged: udml-gpu cluster %s makes it anew", c.Path, groupsFile, c.Path)
	}
	return g, nil
}

// SetGroups replaces the groups of the collection.
func (c *Collection) SetGroups(g *Groups) error {
	g.Items = c.Manifest.Items.SHA256
	b, err := json.Marshal(g)
	if err == nil {
		err = disk.Replace(filepath.Join(c.Path, groupsFile), append(b, '\n'))
	}
	if err != nil {
		return baddata.Errorf("%s: its %s cannot be written: %w", c.Path, groupsFile, err)
	}
	return nil
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
