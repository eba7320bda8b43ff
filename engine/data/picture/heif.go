package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"slices"
	"strings"

	"udml-gpu/cgo/heif"
	"udml-gpu/engine/data/picture/unread"
)

// HEIFDecoder is the name of the decoder of HEIC and AVIF files: "none", or libheif with its version, such as "libheif 1.15.1".
func HEIFDecoder() string {
	if heif.Available() {
		return heif.Name()
	}
	return "none"
}

// HEIFProblem is the reason why libheif is not used; "" when it is.
func HEIFProblem() string { return heif.Problem() }

// HEIFMissing names the decoders that libheif lacks, and what to install; "" where it lacks none, or is not used.
func HEIFMissing() string {
	var missing []string
	for _, k := range []*heifKind{&heicKind, &avifKind} {
		if err := k.decoderMissing(); heif.Available() && err != nil {
			missing = append(missing, err.Error())
		}
	}
	return strings.Join(missing, "; ")
}

// heifKind is a kind of file that libheif reads.
type heifKind struct {
	name   string
	codec  heif.Codec
	plugin string // Debian's package of a decoder, where libheif loads it as a plugin
	brands []string
}

var (
	avifKind = heifKind{"AVIF", heif.AV1, "libheif-plugin-dav1d", []string{"avif", "avis"}}
	// mif1 and similar brands do not imply the codec; AVIF files list them beside their own.
	heicKind = heifKind{
		"HEIC", heif.HEVC, "libheif-plugin-libde265",
		[]string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1"},
	}
)

// has tells whether b begins with a list of brands (ISO 14496-12, 4.3) that holds one of k's.
func (k *heifKind) has(b []byte) bool {
	if len(b) < 16 || string(b[4:8]) != "ftyp" {
		return false
	}
	end := min(int(binary.BigEndian.Uint32(b)), len(b), 1024)
	for at := 8; at+4 <= end; at += 4 {
		if at != 12 && slices.Contains(k.brands, string(b[at:at+4])) { // 12: the version
			return true
		}
	}
	return false
}

func isAVIF(b []byte) bool { return avifKind.has(b) }
func isHEIC(b []byte) bool { return heicKind.has(b) && !avifKind.has(b) }

// needs is the error for a file that could be read if something were installed.
func (k *heifKind) needs(what string) error { return &unread.Error{Format: k.name, Needs: what} }

// open opens a file, or returns what must be installed for it.
func (k *heifKind) open(b []byte) (*heif.File, error) {
	if !heif.Available() {
		return nil, k.needs("libheif: apt-get install libheif1")
	}
	if err := k.decoderMissing(); err != nil {
		return nil, err
	}
	return heif.Open(b)
}

func (k *heifKind) decoderMissing() error {
	if heif.Has(k.codec) {
		return nil
	}
	return k.needs("a decoder for libheif: apt-get install " + k.plugin)
}

func (k *heifKind) config(b []byte) (image.Config, error) {
	f, err := k.open(b)
	if err != nil {
		return image.Config{}, err
	}
	defer f.Close()
	w, h := f.Size()
	return image.Config{ColorModel: color.RGBAModel, Width: w, Height: h}, nil
}

// decode decodes the primary image. The library has already turned it by its irot and imir; the orientation in EXIF data
// repeats them and is ignored.
func (k *heifKind) decode(b []byte) (image.Image, error) {
	f, err := k.open(b)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sampling := heif.Together
	if k == &avifKind {
		sampling = softSampling(b)
	}
	p, err := f.Decode(sampling)
	if err != nil && sampling != heif.Together {
		sampling = heif.Together
		p, err = f.Decode(sampling)
	}
	if err != nil {
		return nil, err
	}
	if w, h := f.Size(); p.Planes[0].Width != w || p.Planes[0].Height != h {
		return nil, errors.New("the decoded image has another size than its header says")
	}
	return fromHEIF(p, sampling)
}

// softSampling is the chroma sampling to request from the library so that the chroma of an AVIF file is smoothed, as libavif does for
// Pillow: older versions of libheif repeat it when they convert to RGB. It is the finest sampling of all codec settings in the file;
// those of previews and of alpha are no finer than the image's. Without subsampled chroma, the library converts.
func softSampling(b []byte) heif.Sampling {
	sampling := heif.Together
	for {
		_, rest, found := bytes.Cut(b, []byte("av1C"))
		if !found || len(rest) < 3 {
			return sampling
		}
		told := heif.Quarter
		switch settings := rest[2]; { // AV1's binding to ISO files, 2.3.3: monochrome, then chroma_subsampling_x and _y
		case settings&0x10 != 0:
			told = heif.Luma
		case settings&0x0c == 0:
			return heif.Together
		case settings&0x0c == 8:
			told = heif.Half
		}
		if sampling == heif.Together || told > sampling {
			sampling = told
		}
		b = rest
	}
}
