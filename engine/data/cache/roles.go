package cache

import "udml-gpu/engine/data"

// Roles are the numbers of the query images and of the gallery images, ascending. Both are nil where the
// set has no roles; where it has, neither is nil.
func (c *Cache) Roles() (queries, gallery []int32) {
	if !c.roles {
		return nil, nil
	}
	return data.RolesOf(c.items)
}
