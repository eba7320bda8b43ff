package data

// Role is what an image of a test set is for, in a data set that says so.
type Role uint8

// The roles: none, query (to search for), and gallery (to search in).
const (
	NoRole Role = iota
	Query
	Gallery
)

// String is the name of the split that holds only the images of a role.
func (r Role) String() string { return [...]string{"none", "query", "gallery"}[r] }

// HasRoles tells whether the set is one of queries and a gallery.
func (s *Set) HasRoles() bool {
	for _, item := range s.Items {
		if item.Role != NoRole {
			return true
		}
	}
	return false
}

// RolesOf are the numbers of the queries and of the gallery images, ascending; neither is nil.
func RolesOf(items []Item) (queries, gallery []int32) {
	queries, gallery = []int32{}, []int32{}
	for i, item := range items {
		switch item.Role {
		case Query:
			queries = append(queries, int32(i))
		case Gallery:
			gallery = append(gallery, int32(i))
		}
	}
	return queries, gallery
}
