package data

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Note is something that a person should know of a data set: what lies in it and is not used, counted by reason, or a doubt
// about how it was read.
type Note struct {
	Reason   string         `json:"reason"` // in a word, for programs
	Count    int            `json:"count"`
	Kinds    map[string]int `json:"kinds,omitempty"` // files by extension, where that says something
	Examples []string       `json:"examples"`        // the first few, at most maxExamples
	Warning  bool           `json:"warning"`         // it may well be something that was meant to be used
	Message  string         `json:"message"`         // one line
}

const (
	maxExamples = 3
	maxKinds    = 8 // that a message names
)

// The reasons of notes.
const (
	reasonFormat    = "unread_format"
	reasonLibrary   = "needs_library"
	reasonPack      = "archive_inside"
	reasonEncrypted = "encrypted"
	reasonFolder    = "linked_folder"
	reasonBroken    = "broken_link"
	reasonLink      = "link_in_archive"
	reasonOutside   = "outside_splits"
	reasonEmpty     = "split_without_images"
	reasonLayout    = "layout"
	reasonNaN       = "class_named_nan"
	reasonUnlisted  = "unlisted"
	reasonSpecial   = "special_file"
	reasonSystem    = "system"
	reasonHidden    = "hidden"
	reasonOther     = "other_file"
)

// wording is how a reason is told.
type wording struct {
	reason    string
	warning   bool
	kinds     bool   // by extension
	one, many string // what is counted
	advice    string
}

// wordings are the reasons for which things are left out, in the order in which they are told.
var wordings = []wording{
	{
		reasonFormat, true, true, "picture in a format that is not read", "pictures in formats that are not read",
		"convert to JPEG or PNG what is wanted",
	},
	{
		reasonLibrary, true, true, "picture that needs libheif", "pictures that need libheif",
		"apt-get install libheif1",
	},
	{
		reasonPack, true, true, "archive that is not looked into", "archives that are not looked into",
		"unpack what is wanted, or name one archive with --data",
	},
	{
		reasonEncrypted, true, false, "encrypted image", "encrypted images",
		"expected a zip without a password, or the unpacked files",
	},
	{
		reasonFolder, true, false, "link to a folder, which is not followed", "links to folders, which are not followed",
		"name the folder itself with --data, or copy it",
	},
	{
		reasonBroken, true, false, "link that leads to no file", "links that lead to no file",
		"mend or remove what is wanted",
	},
	{
		reasonLink, true, false, "link in the archive", "links in the archive",
		"pack the files that they stand for",
	},
	{
		reasonOutside, true, false, "image beside the splits", "images beside the splits",
		"move what is wanted into train/ or test/, or take everything as one set with --layout plain",
	},
	{reasonUnlisted, false, false, "picture that the list does not name", "pictures that the list does not name", ""},
	{reasonSpecial, false, false, "pipe, socket or device", "pipes, sockets or devices", ""},
	{reasonSystem, false, false, "file or folder that the system keeps", "files or folders that the system keeps", ""},
	{reasonHidden, false, false, "hidden file or folder", "hidden files or folders", ""},
	{reasonOther, false, true, "other file", "other files", ""},
}

// omissions is what a data set holds and does not use, by reason.
type omissions struct{ by map[string]*Note }

// add counts one thing of that name.
func (o *omissions) add(reason, name string) {
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
	if len(n.Examples) < maxExamples {
		n.Examples = append(n.Examples, strings.ToValidUTF8(name, "?"))
	}
}

// notes are the omissions with their messages, in the order in which they are told.
func (o *omissions) notes() []Note {
	var list []Note
	for _, w := range wordings {
		if n := o.by[w.reason]; n != nil {
			list = append(list, w.note(*n))
		}
	}
	return list
}

func (w wording) note(n Note) Note {
	n.Warning = w.warning
	if !w.kinds {
		n.Kinds = nil
	}
	n.Message = "not used: " + w.what(n)
	if n.Reason == reasonOutside { // used where all images are asked for
		n.Message = "in no split: " + w.what(n)
	}
	if w.advice != "" {
		n.Message += ": " + w.advice
	}
	return n
}

// what is the count in words, with kinds and examples.
func (w wording) what(n Note) string {
	text := fmt.Sprintf("%d %s", n.Count, w.many)
	if n.Count == 1 {
		text = "1 " + w.one
	}
	if w.kinds {
		text += " (" + kindsText(n.Kinds) + ")"
	}
	return text + examplesText(n.Examples, n.Count)
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

// examplesText is ", such as a.heic, b.heic", or ", a.heic" where that is all.
func examplesText(examples []string, count int) string {
	if len(examples) == 0 {
		return ""
	}
	if count > len(examples) {
		return ", such as " + shownAll(examples)
	}
	return ", " + shownAll(examples)
}

func shownAll(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = Shown(name)
	}
	return strings.Join(shown, ", ")
}

// Shown is a name as it may stand in a message: names of files can hold what a terminal obeys.
func Shown(name string) string {
	const most = 200
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most/2], "") + "..." + strings.ToValidUTF8(name[len(name)-most/2:], "")
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}
