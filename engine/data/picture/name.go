package picture

import (
	"path"
	"slices"
	"strings"

	"udml-gpu/cgo/heif"
	"udml-gpu/engine/data/picture/rawfile"
)

// Extensions are the extensions of files read as images, without raw files; the actual format is recognised by content.
var Extensions = []string{
	".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".pbm", ".pgm",
	".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
}

// Images are the extensions of all files read as images, those of camera raw files included.
func Images() []string { return slices.Concat(Extensions, rawfile.Extensions) }

// IsRawName tells whether a file is the raw file of a camera, of which the preview is read, by its extension.
func IsRawName(name string) bool {
	return slices.Contains(rawfile.Extensions, strings.ToLower(path.Ext(name)))
}

// IsName tells whether a file is read as an image, by its extension.
func IsName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return slices.Contains(Extensions, ext) && !LacksLibrary(ext) && !LacksDecoder(ext) || IsRawName(name)
}

// UnreadPictures are the extensions of pictures in unsupported formats.
var UnreadPictures = []string{
	".heics", ".heifs", ".avifs", ".jxl", ".jxr", ".wdp", ".hdp", ".jp2", ".j2k",
	".j2c", ".jpc", ".jpf", ".jpx", ".jph", ".raw", ".crw", ".srf",
	".x3f", ".3fr", ".fff", ".iiq", ".erf", ".kdc", ".dcr", ".mrw",
	".mos", ".mef", ".psd", ".psb", ".xcf", ".kra", ".svg", ".svgz", ".eps", ".ai", ".ico", ".cur",
	".icns", ".tga", ".pcx", ".dcx", ".pam", ".pfm", ".exr", ".hdr", ".dds", ".sgi",
	".ras", ".xbm", ".xpm", ".qoi", ".flif", ".bpg", ".jif", ".jfi", ".rle", ".wmf", ".emf", ".fits",
	".dcm", ".nii", ".czi", ".svs", ".ndpi", ".lsm",
}

// IsPictureName tells whether the name is that of a picture, supported or not.
func IsPictureName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return IsName(name) || LacksLibrary(ext) || LacksDecoder(ext) || slices.Contains(UnreadPictures, ext)
}

// LacksLibrary tells whether files with this extension need libheif and it is missing. They are counted apart, so that a few
// photos from a phone do not end a run as damaged images.
func LacksLibrary(ext string) bool {
	return codecOf[ext] != 0 && !heif.Available()
}

// LacksDecoder tells whether files with this extension need a decoder that libheif lacks; they are counted apart for the same reason.
func LacksDecoder(ext string) bool {
	return codecOf[ext] != 0 && heif.Available() && !hasDecoder(codecOf[ext])
}

// codecOf is what a file with this extension usually needs.
var codecOf = map[string]heif.Codec{".avif": heif.AV1, ".heic": heif.HEVC, ".heif": heif.HEVC, ".hif": heif.HEVC}

// hasDecoder is replaced in tests.
var hasDecoder = heif.Has

// IsUnreadPicture tells whether a file with this extension is a picture in an unsupported format.
func IsUnreadPicture(ext string) bool { return slices.Contains(UnreadPictures, ext) }
