package datatest

import (
	"bytes"
	"fmt"
)

// Cub is a set in the layout of CUB-200-2011, with count images of each of these classes; up to 100 they are to train on, above it to
// test. picture is the content of image i of a class.
func Cub(count int, picture func(class, i int) []byte, classes ...int) map[string][]byte {
	files := map[string][]byte{}
	var images, labels bytes.Buffer
	id := 0
	for _, class := range classes {
		for i := range count {
			id++
			name := fmt.Sprintf("%03d.Bird/Bird_%04d.jpg", class, i)
			fmt.Fprintf(&images, "%d %s\n", id, name)
			fmt.Fprintf(&labels, "%d %d\n", id, class)
			files["images/"+name] = picture(class, i)
		}
	}
	files["images.txt"], files["image_class_labels.txt"] = images.Bytes(), labels.Bytes()
	return files
}

// CubFiles is a small CUB-200-2011: the first lines of its lists as published, and images of training and
// of test classes.
func CubFiles() map[string][]byte {
	return map[string][]byte{
		"images.txt": []byte("1 001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg\n" +
			"2 001.Black_footed_Albatross/Black_Footed_Albatross_0009_34.jpg\n" +
			"5863 100.Brown_Pelican/Brown_Pelican_0124_94022.jpg\n" +
			"5865 101.White_Pelican/White_Pelican_0036_95762.jpg\n"),
		"image_class_labels.txt": []byte("1 1\n2 1\n5863 100\n5865 101\n"),
		"bounding_boxes.txt":     []byte("1 1.0 1.0 2.0 1.0\n2 0.0 0.0 4.0 3.0\n5863 1.5 0.0 400.0 2.0\n5865 0.0 0.0 1.0 1.0\n"),
		"train_test_split.txt":   []byte("1 0\n2 1\n5863 1\n5865 0\n"),
		"images/001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg": nil,
		"images/001.Black_footed_Albatross/Black_Footed_Albatross_0009_34.jpg": nil,
		"images/100.Brown_Pelican/Brown_Pelican_0124_94022.jpg":                nil,
		"images/101.White_Pelican/White_Pelican_0036_95762.jpg":                nil,
	}
}
