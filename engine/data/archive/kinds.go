package archive

import (
	"path"
	"slices"
	"strings"

	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/picture"
)

// Packs are the extensions of archives, supported or not. An archive inside a data set is not opened.
var Packs = []string{".zip", ".tar", ".tgz", ".gz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".7z", ".rar", ".cbz", ".cbr"}

// systemNames are what file systems, storage devices and desktops keep beside a person's files, in lower case: thumbnails
// and snapshots.
var systemNames = []string{
	"@eadir", "#snapshot", "@recently-snapshot", "system volume information", "lost+found", "__macosx", "thumbs.db", "ehthumbs.db",
	"desktop.ini",
}

// trashNames are the folders of deleted files of Windows and of storage devices, in lower case. Those of Linux and macOS begin with
// .trash; the one of a home folder is named Trash, which can also be a class, and is known by its content (isHomeTrash).
var trashNames = []string{"$recycle.bin", "recycler", "recycled", "#recycle", "@recycle"}

// skipReason is the reason to skip a file or folder of that name and all that is in it; "" when it is read. Hidden are
// those that programs put there: .DS_Store, .git, .thumbnails, and what macOS adds to zips (._a.jpg).
func skipReason(part string) string {
	switch lower := strings.ToLower(part); {
	case slices.Contains(trashNames, lower), strings.HasPrefix(lower, ".trash"):
		return notes.ReasonTrash
	case part == "node_modules":
		return notes.ReasonModules
	case slices.Contains(systemNames, lower):
		return notes.ReasonSystem
	case strings.HasPrefix(part, "."):
		return notes.ReasonHidden
	}
	return ""
}

// pathSkipReason is skipReason for the first such part of a path; at is the path up to that part, with a slash when it is
// a folder.
func pathSkipReason(name string) (why, at string) {
	end := 0
	for part := range strings.SplitSeq(name, "/") {
		end += len(part)
		if why = skipReason(part); why != "" {
			return why, name[:min(end+1, len(name))]
		}
		end++
	}
	return "", ""
}

// notImageReason is the reason why a file is not read as an image, by its name.
func notImageReason(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); {
	case picture.LacksLibrary(ext):
		return notes.ReasonLibrary
	case picture.LacksDecoder(ext):
		return notes.ReasonDecoder
	case picture.IsUnreadPicture(ext):
		return notes.ReasonFormat
	case slices.Contains(Packs, ext):
		return notes.ReasonPack
	}
	return notes.ReasonOther
}
