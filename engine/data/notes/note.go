// Package notes reports the parts of a data set that are not used, and doubts about how it was read.
package notes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/data/rawname"
)

// Note is something that the user should know about a data set: what is in it and not used, counted by reason, or a doubt
// about how it was read.
type Note struct {
	Reason   string         `json:"reason"` // one word, for programs
	Count    int            `json:"count"`
	Kinds    map[string]int `json:"kinds,omitempty"` // number of files by extension, where useful
	Examples []string       `json:"examples"`        // the first few, at most maxExamples, as rawname.Text
	Warning  bool           `json:"warning"`         // it was probably meant to be used
	Message  string         `json:"message"`         // one line
}

const (
	MaxExamples = 3 // that a note names
	maxKinds    = 8 // that a message names
)

// The reasons of notes.
const (
	ReasonFormat    = "unread_format"
	ReasonLibrary   = "needs_library"
	ReasonDecoder   = "needs_decoder"
	ReasonPack      = "archive_inside"
	ReasonEncrypted = "encrypted"
	ReasonFolder    = "linked_folder"
	ReasonBroken    = "broken_link"
	ReasonLink      = "link_in_archive"
	ReasonOutside   = "outside_splits"
	ReasonEmpty     = "split_without_images"
	ReasonLayout    = "layout"
	ReasonNaN       = "class_named_nan"
	ReasonUnlisted  = "unlisted"
	ReasonPreview   = "raw_preview" // used, but not the file's own pixels
	ReasonSpecial   = "special_file"
	ReasonAgain     = "linked_again"
	ReasonKey       = "object_name"
	ReasonIgnored   = "ignored"
	ReasonTrash     = "trash"
	ReasonModules   = "node_modules"
	ReasonSystem    = "system"
	ReasonHidden    = "hidden"
	ReasonOther     = "other_file"
)

// wording is the text for a reason.
type wording struct {
	reason    string
	warning   bool
	kinds     bool   // counts are given by extension
	one, many string // the things counted
	advice    string
}

// wordings are the reasons for omissions, in the order of their notes.
var wordings = []wording{
	{
		ReasonFormat, true, true, "picture in a format that is not read", "pictures in formats that are not read",
		"convert the wanted ones to JPEG or PNG",
	},
	{
		ReasonLibrary, true, true, "picture that needs libheif", "pictures that need libheif",
		"apt-get install libheif1",
	},
	{
		ReasonDecoder, true, true, "picture that needs a decoder for libheif", "pictures that need a decoder for libheif",
		"apt-get install libheif-plugin-libde265 for HEIC, libheif-plugin-dav1d for AVIF",
	},
	{
		ReasonPack, true, true, "archive that is not looked into", "archives that are not looked into",
		"unpack the wanted ones, or name one archive with --data",
	},
	{
		ReasonEncrypted, true, false, "encrypted image", "encrypted images",
		"expected a zip without a password, or the unpacked files",
	},
	{
		ReasonFolder, true, false, "link to a folder, which is not followed", "links to folders, which are not followed",
		"--follow reads them; or name the folder itself with --data",
	},
	{
		ReasonBroken, true, false, "link that leads to no file", "links that lead to no file",
		"mend or remove them",
	},
	{
		ReasonLink, true, false, "link in the archive", "links in the archive",
		"pack the files that they point to",
	},
	{
		ReasonOutside, true, false, "image beside the splits", "images beside the splits",
		"move the wanted ones into train/ or test/, or take everything as one set with --layout plain",
	},
	{
		ReasonKey, true, false, "object whose name cannot be that of a file", "objects whose names cannot be those of files",
		"copy the wanted ones to other names",
	},
	{ReasonUnlisted, false, false, "picture that the list does not name", "pictures that the list does not name", ""},
	{ReasonPreview, false, true, "camera raw file", "camera raw files", ""},
	{ReasonSpecial, false, false, "pipe, socket or device", "pipes, sockets or devices", ""},
	{ReasonAgain, false, false, "link to a folder that is read already", "links to folders that are read already", ""},
	{ReasonIgnored, false, false, "file or folder left out by .udmlignore", "files or folders left out by .udmlignore", ""},
	{ReasonTrash, false, false, "folder of deleted files", "folders of deleted files", ""},
	{ReasonModules, false, false, "folder of packages (node_modules)", "folders of packages (node_modules)", ""},
	{ReasonSystem, false, false, "file or folder that the system keeps", "files or folders that the system keeps", ""},
	{ReasonHidden, false, false, "hidden file or folder", "hidden files or folders", ""},
	{ReasonOther, false, true, "other file", "other files", ""},
}

// Omissions are the things in a data set that are not used, by reason.
type Omissions struct{ by map[string]*Note }

// Add counts one thing with that name.
func (o *Omissions) Add(reason, name string) {
	n := o.by[reason]
	if n == nil {
		if o.by == nil {
			o.by = map[string]*Note{}
		}
		n = &Note{Reason: reason, Examples: []string{}, Kinds: map[string]int{}}
		o.by[reason] = n
	}
	n.Count++
	n.Kinds[kindOf(name)]++
	if len(n.Examples) < MaxExamples {
		n.Examples = append(n.Examples, name)
	}
}

// Join adds the omissions of a part of the data set, whose names get the prefix; those of one reason are left out.
// Notes are the omissions with their messages, in the order of wordings.
func (o *Omissions) Notes() []Note {
	var list []Note
	for _, w := range wordings {
		if n := o.by[w.reason]; n != nil {
			list = append(list, w.note(*n))
		}
	}
	return list
}

// Texts are the omissions in words, such as "3 other files (.txt 3), a.txt", with advice for each, in the order of
// wordings.
func (o *Omissions) Texts() []string {
	var list []string
	for _, w := range wordings {
		n := o.by[w.reason]
		if n == nil {
			continue
		}
		text := w.what(*n)
		if w.advice != "" {
			text += " (" + w.advice + ")"
		}
		list = append(list, text)
	}
	return list
}

func (w wording) note(n Note) Note {
	n.Warning = w.warning
	if !w.kinds {
		n.Kinds = nil
	}
	n.Message = "not used: " + w.what(n)
	switch n.Reason {
	case ReasonOutside: // it is used where all images are requested
		n.Message = "in no split: " + w.what(n)
	case ReasonPreview:
		n.Message = "only the preview inside is read of " + w.what(n)
	}
	if w.advice != "" {
		n.Message += ": " + w.advice
	}
	n.Examples = rawname.Texts(n.Examples)
	return n
}

// what gives the count in words, with kinds and examples.
func (w wording) what(n Note) string {
	text := fmt.Sprintf("%d %s", n.Count, w.many)
	if n.Count == 1 {
		text = "1 " + w.one
	}
	if w.kinds {
		text += " (" + kindsText(n.Kinds) + ")"
	}
	return text + ExamplesText(n.Examples, n.Count)
}

// kindsText is ".heic 5, .avif 4": the most frequent first.
func kindsText(kinds map[string]int) string {
	names := slices.SortedFunc(maps.Keys(kinds), func(a, b string) int {
		return cmp.Or(cmp.Compare(kinds[b], kinds[a]), strings.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(len(names), maxKinds)] {
		parts = append(parts, fmt.Sprintf("%s %d", Shown(name), kinds[name]))
	}
	if more := len(names) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more kinds", more))
	}
	return strings.Join(parts, ", ")
}

// ExamplesText is ", such as a.heic, b.heic", or ", a.heic" where that is all.
func ExamplesText(examples []string, count int) string {
	if len(examples) == 0 {
		return ""
	}
	if count > len(examples) {
		return ", such as " + ShownAll(examples)
	}
	return ", " + ShownAll(examples)
}

// ShownAll writes the names for a message, separated by commas.
func ShownAll(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = Shown(name)
	}
	return strings.Join(shown, ", ")
}

// Shown is a name in a form that is safe in a message: names of files can hold control characters that a terminal obeys, and bytes that
// are no text.
func Shown(name string) string {
	const most = 200
	name = rawname.Text(name)
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most/2], "") + "..." + strings.ToValidUTF8(name[len(name)-most/2:], "")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}
