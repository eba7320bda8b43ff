package data

// Skip is an image that could not be read, and why.
type Skip struct {
	Name string
	Err  error
}
