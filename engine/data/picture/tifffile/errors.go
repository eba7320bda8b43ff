package tifffile

import "udml-gpu/engine/data/picture/unread"

// notRead says that a file is of a kind that this package has no meaning for: it is not damaged.
func notRead(what string) error { return &unread.Error{Format: "TIFF", What: what} }

// needsLibrary says that a file can be read where libtiff is, and that it is not there.
func needsLibrary(what string) error {
	return &unread.Error{Format: "TIFF", What: what, Needs: "libtiff: apt-get install libtiff6"}
}
