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

// What to do with a file that --data names and that is not a source of images, by its kind.
const (
	readable = "expected a folder or a zip or tar of images"
	unpack   = "which is not read: unpack it and name the folder, or pack the images as zip, tar or tar.gz"
	extract  = "which is not read: write its images to files, and name their folder or a zip or tar of them"
	inFolder = "" // unsupported adds the folder's name
)

// unsupportedKinds are common files other than zips and tars, by their first bytes. None is opened further.
var unsupportedKinds = []struct{ starts, is, do string }{
	{"\xfd7zXZ\x00", "an xz archive", unpack},
	{"BZh", "a bzip2 archive", unpack},
	{"\x28\xb5\x2f\xfd", "a Zstandard archive", unpack},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive", unpack},
	{"Rar!\x1a\x07", "a RAR archive", unpack},
	{"\x04\x22\x4d\x18", "an LZ4 archive", unpack},
	{"LZIP", "an lzip archive", unpack},
	{"\x5d\x00\x00", "an LZMA archive", unpack},
	{"\x1f\x9d", "a compress (.Z) archive", unpack},
	{"PK\x03\x04", "a zip without the list of its files, which belongs at its end", "the copy or download is not complete"},
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
	{"\xff\xd8", "a single picture", inFolder},
	{"\x89PNG", "a single picture", inFolder},
	{"GIF8", "a single picture", inFolder},
	{"II*\x00", "a single picture", inFolder},
	{"MM\x00*", "a single picture", inFolder},
	{"\x00\x00\x00\x0cjP  ", "a single picture", inFolder},
	{"\x00\x00\x00\x0cJXL ", "a single picture", inFolder},
	{"8BPS", "a single picture", inFolder},
}

// stillBrands are the brands of HEIC, AVIF and CR3 pictures; in a video the same bytes name the kind of video.
var stillBrands = []string{"heic", "heix", "hevc", "mif1", "msf1", "avif", "avis", "crx "}

// unsupported is the error for a file that is not an archive of images: one sentence with its kind and what to do. start is its
// beginning.
func unsupported(name string, start []byte) error {
	is, do := kindOfFile(name, start)
	if is == "" {
		return baddata.Errorf("%s is neither a folder nor a zip or tar of images, nor of another known kind: %s", name, readable)
	}
	if do == inFolder {
		do = "name the folder that holds it, " + filepath.Dir(name)
	}
	if strings.HasPrefix(do, "which ") {
		return baddata.Errorf("%s is %s, %s", name, is, do)
	}
	return baddata.Errorf("%s is %s: %s", name, is, do)
}

// kindOfFile is the kind of a file and what to do with it; "" where the kind is not known.
func kindOfFile(name string, start []byte) (is, do string) {
	if len(start) == 0 {
		return "empty", readable
	}
	if isPlainText(start) {
		if is, do = textKind(name, start); is != "" {
			return is, do
		}
	}
	for _, s := range unsupportedKinds {
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
		return "a single picture", inFolder
	}
	return "", ""
}

// isPlainText tells whether start can begin a file of lines: in UTF-8, or in the UTF-16 that spreadsheets write.
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

// textKind distinguishes lists from other texts: first by the name, then by the content.
func textKind(name string, start []byte) (is, do string) {
	text := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(start), "\ufeff")))
	head, _, _ := strings.Cut(text, "\n")
	ext := strings.ToLower(path.Ext(name))
	columns := strings.Split(strings.TrimSpace(head), ",")
	switch {
	case strings.HasPrefix(text, "version https://git-lfs"):
		return "", "" // in unsupportedKinds
	case ext == ".csv", ext != ".jsonl" && slices.Contains(columns, "path"):
		return "a list, not an archive", "name it as csv:" + name
	case ext == ".jsonl", ext == ".ndjson":
		return "a list, not an archive", "name it as jsonl:" + name
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return "a web page in place of the file", "download the file itself"
	}
	return "a text file", readable + ", or a list as csv:FILE or jsonl:FILE"
}

// unsupportedZip is the error for a zip of other things than images; nil for others.
func unsupportedZip(z *zipFiles) error {
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

// zipError is the error for a file that could not be read as a zip.
func zipError(name string, start []byte, err error) error {
	if errors.Is(err, zip.ErrFormat) {
		return unsupported(name, start)
	}
	return err
}

// unsupportedGzip is the error for a gzip'd file that is not a tar; nil for others, including damaged ones.
func unsupportedGzip(name string, f io.ReaderAt, size int64) error {
	z, err := gzip.NewReader(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil
	}
	start := make([]byte, tarBlock)
	n, err := io.ReadFull(z, start)
	if err != nil && err != io.ErrUnexpectedEOF || isTar(start[:n]) || n == tarBlock && bytes.Count(start, []byte{0}) == n {
		return nil
	}
	return baddata.Errorf("%s is gzip'd, but holds no tar: %s", name, readable)
}

// isOldTar recognises a tar from before 1988 by its checksum, because it does not name its format.
func isOldTar(block []byte) bool {
	_, err := tar.NewReader(bytes.NewReader(block)).Next()
	return err == nil
}
