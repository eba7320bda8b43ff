package data

import (
	"path"
	"slices"
	"strings"
	"udml-gpu/cgo/heif"
)

// extensions are the files that are taken for images; what they really hold is found out by looking inside.
var extensions = []string{
	".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".pbm", ".pgm",
	".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
}

func isImageName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return slices.Contains(extensions, ext) && !lacksLibrary(ext)
}

// unreadPictures are the extensions of pictures in formats that are not read, beside extensions, which are.
var unreadPictures = []string{
	".heics", ".heifs", ".avifs", ".jxl", ".jxr", ".wdp", ".hdp", ".jp2", ".j2k",
	".j2c", ".jpc", ".jpf", ".jpx", ".jph", ".raw", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".dng", ".arw", ".srf",
	".sr2", ".orf", ".rw2", ".raf", ".pef", ".srw", ".x3f", ".3fr", ".fff", ".iiq", ".erf", ".kdc", ".dcr", ".mrw",
	".mos", ".mef", ".rwl", ".gpr", ".psd", ".psb", ".xcf", ".kra", ".svg", ".svgz", ".eps", ".ai", ".ico", ".cur",
	".icns", ".tga", ".pcx", ".dcx", ".pam", ".pfm", ".exr", ".hdr", ".dds", ".sgi",
	".ras", ".xbm", ".xpm", ".qoi", ".flif", ".bpg", ".jif", ".jfi", ".rle", ".wmf", ".emf", ".fits",
	".dcm", ".nii", ".czi", ".svs", ".ndpi", ".lsm",
}

// isPictureName tells files that a person would call a picture, read or not.
func isPictureName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return isImageName(name) || lacksLibrary(ext) || slices.Contains(unreadPictures, ext)
}

// lacksLibrary tells the extensions of files that are for libheif where it is missing. Such files are counted apart, so that a few
// photos of a phone stop no run for being damaged.
func lacksLibrary(ext string) bool {
	return slices.Contains([]string{".avif", ".heic", ".heif", ".hif"}, ext) && !heif.Available()
}

// isUnreadPicture tells pictures by their extension that are in a format which is not read.
func isUnreadPicture(ext string) bool { return slices.Contains(unreadPictures, ext) }
