package cache

import "udml-gpu/engine/data"

// Roles are the numbers of the images that are looked for, and of those looked among, ascending. Both are nil where the
// set knows no such roles, and neither is where it does.
func (c *Cache) Roles() (queries, gallery []int32) {
	if !c.roles {
		return nil, nil
	}
	queries, gallery = []int32{}, []int32{}
	for i, item := range c.items {
		switch item.Role {
		case data.Query:
			queries = append(queries, int32(i))
		case data.Gallery:
			gallery = append(gallery, int32(i))
		}
	}
	return queries, gallery
}
