package picture

import (
	"path"
	"slices"
	"strings"

	"udml-gpu/cgo/heif"
)

// Extensions are the files that are taken for images; what they really hold is found out by looking inside.
var Extensions = []string{
	".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".pbm", ".pgm",
	".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
}

// IsName tells the files that are taken for images by their extensions.
func IsName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return slices.Contains(Extensions, ext) && !LacksLibrary(ext)
}

// UnreadPictures are the extensions of pictures in formats that are not read, beside extensions, which are.
var UnreadPictures = []string{
	".heics", ".heifs", ".avifs", ".jxl", ".jxr", ".wdp", ".hdp", ".jp2", ".j2k",
	".j2c", ".jpc", ".jpf", ".jpx", ".jph", ".raw", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".dng", ".arw", ".srf",
	".sr2", ".orf", ".rw2", ".raf", ".pef", ".srw", ".x3f", ".3fr", ".fff", ".iiq", ".erf", ".kdc", ".dcr", ".mrw",
	".mos", ".mef", ".rwl", ".gpr", ".psd", ".psb", ".xcf", ".kra", ".svg", ".svgz", ".eps", ".ai", ".ico", ".cur",
	".icns", ".tga", ".pcx", ".dcx", ".pam", ".pfm", ".exr", ".hdr", ".dds", ".sgi",
	".ras", ".xbm", ".xpm", ".qoi", ".flif", ".bpg", ".jif", ".jfi", ".rle", ".wmf", ".emf", ".fits",
	".dcm", ".nii", ".czi", ".svs", ".ndpi", ".lsm",
}

// IsPictureName tells files that a person would call a picture, read or not.
func IsPictureName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return IsName(name) || LacksLibrary(ext) || slices.Contains(UnreadPictures, ext)
}

// LacksLibrary tells the extensions of files that are for libheif where it is missing. Such files are counted apart, so that a few
// photos of a phone stop no run for being damaged.
func LacksLibrary(ext string) bool {
	return slices.Contains([]string{".avif", ".heic", ".heif", ".hif"}, ext) && !heif.Available()
}

// IsUnreadPicture tells pictures by their extension that are in a format which is not read.
func IsUnreadPicture(ext string) bool { return slices.Contains(UnreadPictures, ext) }
