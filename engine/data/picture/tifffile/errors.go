package tifffile

import "udml-gpu/engine/data/picture/unread"

// notRead is the error for a file of an unsupported kind, which is not damaged.
func notRead(what string) error { return &unread.Error{Format: "TIFF", What: what} }

// needsLibrary is the error for a file that could be read with libtiff, which is not installed.
func needsLibrary(what string) error {
	return &unread.Error{Format: "TIFF", What: what, Needs: "libtiff: apt-get install libtiff6"}
}
