package data

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// TestUnpackedWins: an unpacked folder is used, and the archive beside it is not opened.
func TestUnpackedWins(t *testing.T) {
	files := datatest.InshopIn("Img/img/")
	files["Img/img.zip"] = []byte("no zip")
	if b, err := openAs(t, "inshop:"+datatest.Tree(t, files), Options{}).Split("test").ReadImage(0); err != nil || len(b) == 0 {
		t.Fatal(err)
	}
	delete(files, "Img/img/"+datatest.InshopPaths[0])
	_, err := Open("inshop:"+datatest.Tree(t, files), Options{})
	datatest.WantError(t, err, "list_eval_partition.txt, line 3:", "Img/img/"+datatest.InshopPaths[0], "no such file")
}

func TestPackedRefuses(t *testing.T) {
	files := datatest.InshopFiles()
	files["Img/img.zip"] = []byte("no zip")
	_, err := Open("inshop:"+datatest.Tree(t, files), Options{})
	datatest.WantError(t, err, filepath.Join("Img", "img.zip")+" is a text file")

	files = inshopPacked(t, "Img/img.zip")
	lacking := bytes.ReplaceAll(files["Img/img.zip"], []byte("01_7_additional"), []byte("01_8_additional"))
	files["Img/img.zip"] = lacking
	_, err = Open("inshop:"+datatest.Tree(t, files), Options{})
	datatest.WantError(t, err, "list_eval_partition.txt, line 8:", "Img/img/MEN/Denim/id_00000080/01_7_additional.jpg", "cannot be read")
}

// TestEncryptedZip: the flag of an entry says that it needs a password, as in the published high-resolution zip.
func TestEncryptedZip(t *testing.T) {
	b := bytes.Clone(inshopPacked(t, "Img/img.zip")["Img/img.zip"])
	for at := range b[:len(b)-9] {
		if bytes.HasPrefix(b[at:], []byte("PK\x01\x02")) {
			b[at+8] |= 1
		}
	}
	files := datatest.InshopFiles()
	files["Img/img.zip"] = b
	_, err := Open("inshop:"+datatest.Tree(t, files), Options{})
	datatest.WantError(t, err, "list_eval_partition.txt, line 3:", "Img/img/"+datatest.InshopPaths[0], "encrypted", "without a password")
}

// TestPackedCloses: no file stays open, whether or not the data set can be read.
func TestPackedCloses(t *testing.T) {
	open := func() int {
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("this system does not list open files")
		}
		return len(fds)
	}
	good, bad := datatest.Tree(t, inshopPacked(t, "Img/img.zip")), inshopPacked(t, "Img/img.zip")
	delete(bad, "Eval/list_eval_partition.txt")
	worse := datatest.Tree(t, bad)
	before := open()
	s, err := Open("inshop:"+good, Options{})
	if err != nil || open() != before+1 {
		t.Fatalf("%v, %d files open, %d before", err, open(), before)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("inshop:"+worse, Options{}); err == nil || open() != before {
		t.Fatalf("%v, %d files open, %d before", err, open(), before)
	}
}
