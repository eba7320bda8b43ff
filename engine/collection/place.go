package collection

import "iter"

// Place is where an image's vector and description are: in a row of the present generation, or in one of the journal. Places of images
// that keep their path stand in the order of the paths, so that they are read in one pass; moved ones are read from anywhere.
type Place int64

// The kinds of places. None is negative.
const (
	movedPlace Place = 1 << 60
	addedPlace Place = 1 << 61
	rowOfPlace Place = movedPlace - 1
)

// Kept is row n of the present generation, for the image that has it there.
func Kept(n int) Place { return Place(n) }

// Moved is row n of the present generation, for an image with another path than the one it has there.
func Moved(n int) Place { return movedPlace | Place(n) }

// Added is image n of the journal.
func Added(n int) Place { return addedPlace | Place(n) }

// row is the number that the place was made of.
func (p Place) row() int { return int(p & rowOfPlace) }

func (p Place) moved() bool { return p&movedPlace != 0 }
func (p Place) added() bool { return p&addedPlace != 0 }

// Contents are what a generation is to hold.
type Contents struct {
	Images   int                        // how many
	Places   iter.Seq2[int, Place]      // of each, in byte order of the paths, with a number for Describe; it may be gone through again
	Describe func(number int, it *Item) // sets what the data set says of an image, where that may differ from what is at its place
}
