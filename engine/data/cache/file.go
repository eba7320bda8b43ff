package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/baddata"
)

// A file of cached images is a header, the pixels from byte 4096 on, image after image with gaps for those that were
// skipped, and an index in JSON:
//
//	0  magic    8 bytes
//	8  version  uint32, little endian as all numbers; then 4 bytes of 0
//	16 pixels   uint64, bytes
//	24 index    uint64, bytes
//	32 SHA-256 of the index
//	64 SHA-256 of the 64 bytes above
//
// The header is written last, so that a file with a header is complete.
const (
	cacheMagic   = "UDMLPIX\n"
	cacheVersion = 1
	cacheHeader  = 96
	cachePixels  = 4096
	// maxCacheIndex bounds the memory that a file can demand; an index takes some 150 bytes for each skipped image.
	maxCacheIndex = 256 << 20
	// maxWhy bounds the reason for a skipped image.
	maxWhy = 500
)

// cacheIndex describes a file of cached images. Names and labels are not in it: they come from the data set.
type cacheIndex struct {
	Source      string      `json:"source"` // these three are for people who inspect the file
	Split       string      `json:"split"`
	Recipe      string      `json:"recipe"`
	Key         string      `json:"key"` // Set.contentKey
	Images      int         `json:"images"`
	ImageBytes  int         `json:"image_bytes"`
	Skipped     []cacheSkip `json:"skipped"`
	Listing     string      `json:"listing"`     // Cache.listing, for which the fingerprint is valid
	Fingerprint string      `json:"fingerprint"` // Cache.Fingerprint
}

// cacheSkip is an image without pixels in the file.
type cacheSkip struct {
	Image  int    `json:"image"` // its number in the set
	Why    string `json:"why"`
	Unread bool   `json:"unread,omitempty"` // the image's file could not be read, which may change while its stamp does not
}

// cacheFault is the reason why a file cannot be used; it follows the file's name in a message.
type cacheFault string

func (f cacheFault) Error() string { return string(f) }

func faultf(format string, args ...any) error { return cacheFault(fmt.Sprintf(format, args...)) }

// encode gives the index and the header of a file with that many bytes of pixels.
func (x *cacheIndex) encode(pixels int64) (header, index []byte, err error) {
	if index, err = json.Marshal(x); err != nil {
		return nil, nil, err
	}
	if len(index) > maxCacheIndex {
		return nil, nil, baddata.Errorf("the image cache cannot be kept: too many images were skipped")
	}
	header = binary.LittleEndian.AppendUint64(append([]byte(cacheMagic), cacheVersion, 0, 0, 0, 0, 0, 0, 0), uint64(pixels))
	header = binary.LittleEndian.AppendUint64(header, uint64(len(index)))
	sum := sha256.Sum256(index)
	header = append(header, sum[:]...)
	sum = sha256.Sum256(header)
	return append(header, sum[:]...), index, nil
}

// readCacheIndex reads the header and the index of a file of that size and checks them against each other and the
// size. The text of an error continues a sentence that begins with the file's name.
func readCacheIndex(r io.ReaderAt, size int64) (x cacheIndex, err error) {
	header := make([]byte, cacheHeader)
	if _, err := r.ReadAt(header, 0); errors.Is(err, io.EOF) {
		return x, faultf("is cut short")
	} else if err != nil {
		return x, faultf("cannot be read: %v", archive.PlainCause(err))
	}
	pixels, length, err := parseCacheHeader(header, size)
	if err != nil {
		return x, err
	}
	index := make([]byte, length)
	if _, err := r.ReadAt(index, cachePixels+pixels); err != nil && !errors.Is(err, io.EOF) {
		return x, faultf("cannot be read: %v", archive.PlainCause(err))
	}
	if sum := sha256.Sum256(index); !bytes.Equal(sum[:], header[32:64]) {
		return x, faultf("has a damaged index")
	}
	d := json.NewDecoder(bytes.NewReader(index))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil {
		return x, faultf("has an index that does not fit its version: %v", err)
	}
	return x, x.check(pixels)
}

// parseCacheHeader gives the lengths of the two parts, which must add up to the size of the file.
func parseCacheHeader(header []byte, size int64) (pixels, index int64, err error) {
	if string(header[:8]) != cacheMagic {
		return 0, 0, faultf("is not an image cache")
	}
	if v := binary.LittleEndian.Uint32(header[8:]); v != cacheVersion {
		return 0, 0, faultf("was written by another version of this program: it has format %d, this program reads %d", v, cacheVersion)
	}
	if sum := sha256.Sum256(header[:64]); !bytes.Equal(sum[:], header[64:cacheHeader]) {
		return 0, 0, faultf("has a damaged header")
	}
	p, n := binary.LittleEndian.Uint64(header[16:]), binary.LittleEndian.Uint64(header[24:])
	if n > maxCacheIndex || p > uint64(size) || int64(p)+int64(n)+cachePixels != size {
		return 0, 0, faultf("is cut short or longer than it should be")
	}
	return int64(p), int64(n), nil
}

// check compares the index's numbers with the length of the pixels.
func (x *cacheIndex) check(pixels int64) error {
	if x.Images < 1 || x.ImageBytes < 1 || pixels%int64(x.ImageBytes) != 0 || pixels/int64(x.ImageBytes) != int64(x.Images) {
		return faultf("has an index of %d images of %d bytes, which does not match its %d bytes of pixels", x.Images, x.ImageBytes, pixels)
	}
	before := -1
	for _, s := range x.Skipped {
		if s.Image <= before || s.Image >= x.Images {
			return faultf("has an index whose skipped images are not in ascending order or not below %d", x.Images)
		}
		if len(s.Why) > maxWhy {
			return faultf("has an index that gives %d bytes of reason for a skipped image: the limit is %d", len(s.Why), maxWhy)
		}
		before = s.Image
	}
	return nil
}
