package report

// Picture is a picture of a run's result.
type Picture struct {
	Title, About  string
	JPEG          []byte
	Width, Height int // in pixels
}
