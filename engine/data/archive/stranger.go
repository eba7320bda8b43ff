package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
)

// What to do with a file that --data names and that is no source of images, by what it is.
const (
	readable = "expected a folder or a zip or tar of images"
	unpack   = "which is not read: unpack it and name the folder, or pack the images as zip, tar or tar.gz"
	extract  = "which is not read: write its images to files, and name their folder or a zip or tar of them"
	pictured = "" // the folder's name comes to it
)

// strangers are what people have beside zips and tars, by what such a file starts with. None is opened further.
var strangers = []struct{ starts, is, do string }{
	{"\xfd7zXZ\x00", "an xz archive", unpack},
	{"BZh", "a bzip2 archive", unpack},
	{"\x28\xb5\x2f\xfd", "a Zstandard archive", unpack},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive", unpack},
	{"Rar!\x1a\x07", "a RAR archive", unpack},
	{"\x04\x22\x4d\x18", "an LZ4 archive", unpack},
	{"LZIP", "an lzip archive", unpack},
	{"\x5d\x00\x00", "an LZMA archive", unpack},
	{"\x1f\x9d", "a compress (.Z) archive", unpack},
	{"PK\x03\x04", "a zip without the list of its files, which stands at the end", "the copy or download is not complete"},
	{"PK\x07\x08", "one part of a zip in parts", unpack},
	{"PAR1", "a Parquet table", extract},
	{"\x89HDF\r\n\x1a\n", "an HDF5 file", extract},
	{"\x93NUMPY", "a NumPy array", extract},
	{"MATLAB 5.0", "a MATLAB file", extract},
	{"SQLite format 3\x00", "an SQLite database", extract},
	{"\x80\x02", "a Python pickle", extract},
	{"\x80\x03", "a Python pickle", extract},
	{"\x80\x04", "a Python pickle", extract},
	{"\x80\x05", "a Python pickle", extract},
	{"ARROW1", "an Arrow table", extract},
	{"%PDF-", "a PDF document", extract},
	{"\x1aE\xdf\xa3", "a video", extract},
	{"version https://git-lfs", "a pointer of Git LFS in place of the file", "fetch the file itself (git lfs pull)"},
	{"\xff\xd8", "a single picture", pictured},
	{"\x89PNG", "a single picture", pictured},
	{"GIF8", "a single picture", pictured},
	{"II*\x00", "a single picture", pictured},
	{"MM\x00*", "a single picture", pictured},
	{"\x00\x00\x00\x0cjP  ", "a single picture", pictured},
	{"\x00\x00\x00\x0cJXL ", "a single picture", pictured},
	{"8BPS", "a single picture", pictured},
}

// stillBrands are what HEIC and AVIF pictures say to be where a video names its kind.
var stillBrands = []string{"heic", "heix", "hevc", "mif1", "msf1", "avif", "avis"}

// stranger is the error for a file that is no archive of images: one sentence on what it is and what to do. start is what it starts with.
func stranger(name string, start []byte) error {
	is, do := natureOf(name, start)
	if is == "" {
		return baddata.Errorf("%s is neither a folder nor a zip or tar of images, and of no other known kind: %s", name, readable)
	}
	if do == pictured {
		do = "name the folder that holds it, " + filepath.Dir(name)
	}
	if strings.HasPrefix(do, "which ") {
		return baddata.Errorf("%s is %s, %s", name, is, do)
	}
	return baddata.Errorf("%s is %s: %s", name, is, do)
}

// natureOf says what a file is and what to do with it; "" where that is not known.
func natureOf(name string, start []byte) (is, do string) {
	if len(start) == 0 {
		return "empty", readable
	}
	if isPlainText(start) {
		if is, do = textKind(name, start); is != "" {
			return is, do
		}
	}
	for _, s := range strangers {
		if bytes.HasPrefix(start, []byte(s.starts)) {
			return s.is, s.do
		}
	}
	switch {
	case len(start) >= 12 && string(start[:4]) == "RIFF" && string(start[8:12]) == "AVI ":
		return "a video", extract
	case len(start) >= 12 && string(start[4:8]) == "ftyp" && !slices.Contains(stillBrands, string(start[8:12])):
		return "a video", extract
	case picture.IsPictureName(name), len(start) >= 12 && string(start[4:8]) == "ftyp", picture.IsWebP(start):
		return "a single picture", pictured
	}
	return "", ""
}

// isPlainText tells whether a file that starts so can be one of lines: in UTF-8, or in the UTF-16 that spreadsheets write.
func isPlainText(start []byte) bool {
	if IsUTF16(start) {
		return true
	}
	for i := 0; i < len(start); {
		r, size := utf8.DecodeRune(start[i:])
		if r == utf8.RuneError && size == 1 && utf8.FullRune(start[i:]) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return false
		}
		i += size
	}
	return true
}

// textKind tells lists from other texts: first by the name, then by what is in it.
func textKind(name string, start []byte) (is, do string) {
	text := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(start), "\ufeff")))
	head, _, _ := strings.Cut(text, "\n")
	ext := strings.ToLower(path.Ext(name))
	columns := strings.Split(strings.TrimSpace(head), ",")
	switch {
	case strings.HasPrefix(text, "version https://git-lfs"):
		return "", "" // among the others
	case ext == ".csv", ext != ".jsonl" && slices.Contains(columns, "path"):
		return "a list and no archive", "name it as csv:" + name
	case ext == ".jsonl", ext == ".ndjson":
		return "a list and no archive", "name it as jsonl:" + name
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return "a web page in place of the file", "download the file itself"
	}
	return "a text file", readable + ", or a list as csv:FILE or jsonl:FILE"
}

// strangeZip is the error for a zip of something else than images; nil for others.
func strangeZip(z *zipFiles) error {
	arrays, pickles := 0, 0
	for name := range z.entries {
		switch {
		case strings.HasSuffix(name, ".npy"):
			arrays++
		case path.Base(name) == "data.pkl":
			pickles++
		}
	}
	switch {
	case arrays > 0 && arrays == len(z.entries):
		return baddata.Errorf("%s is a file of NumPy arrays, %s", z.name, extract)
	case pickles == 1:
		return baddata.Errorf("%s is a file of torch weights or tensors, %s", z.name, extract)
	}
	return nil
}

// refusedZip is the error for what could not be read as a zip.
func refusedZip(name string, start []byte, err error) error {
	if errors.Is(err, zip.ErrFormat) {
		return stranger(name, start)
	}
	return err
}

// zippedStranger is the error for a gzip'd file that is no tar; nil for others, damaged ones among them.
func zippedStranger(name string, f io.ReaderAt, size int64) error {
	z, err := gzip.NewReader(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil
	}
	start := make([]byte, tarBlock)
	n, err := io.ReadFull(z, start)
	if err != nil && err != io.ErrUnexpectedEOF || isTar(start[:n]) || n == tarBlock && bytes.Count(start, []byte{0}) == n {
		return nil
	}
	return baddata.Errorf("%s is gzip'd, and what is inside is no tar: %s", name, readable)
}

// isOldTar tells a tar from before 1988, which has no name of its format in it, by its checksum.
func isOldTar(block []byte) bool {
	_, err := tar.NewReader(bytes.NewReader(block)).Next()
	return err == nil
}
