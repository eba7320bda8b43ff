package convert

import "encoding/json"

// column is a column of the table for its readers.
type column struct {
	arrowField
	feature map[string]any // of Hugging Face datasets
}

// columns are those of tableRow and pictureRow.
func (j *job) columns() []column {
	value := func(name string, kind byte, bits int, dtype string) column {
		return column{arrowField{name: name, kind: kind, bits: bits}, map[string]any{"_type": "Value", "dtype": dtype}}
	}
	of := func(name string) column { return value(name, arrowText, 0, "string") }
	number := func(name string) column { return value(name, arrowFloat, 0, "float32") }
	element := arrowField{name: "element", kind: arrowFloat}
	list := []column{
		of("id"), of("path"),
		{
			arrowField{name: "embedding", kind: arrowFixedList, length: j.c.Dim(), children: []arrowField{element}},
			map[string]any{"_type": "List", "length": j.c.Dim(), "feature": map[string]any{"_type": "Value", "dtype": "float32"}},
		},
		of("label"), of("split"), of("sha256"), value("size", arrowInt, 64, "int64"), value("width", arrowInt, 32, "int32"),
		value("height", arrowInt, 32, "int32"), of("format"), of("taken"), number("box_x"), number("box_y"), number("box_w"),
		number("box_h"), of("phash"), number("brightness"), number("contrast"), number("sharpness"), number("entropy"),
		number("map_x"), number("map_y"),
	}
	if j.pics != nil {
		parts := []arrowField{{name: "bytes", kind: arrowBinary}, {name: "path", kind: arrowText}}
		list = append(list, column{arrowField{name: "image", kind: arrowStruct, children: parts}, map[string]any{"_type": "Image"}})
	}
	return list
}

func (j *job) arrowFields() []arrowField {
	var list []arrowField
	for _, c := range j.columns() {
		list = append(list, c.arrowField)
	}
	return list
}

// features is the value of the key huggingface: what datasets make of the columns.
func (j *job) features() string {
	of := map[string]any{}
	for _, c := range j.columns() {
		of[c.name] = c.feature
	}
	b, err := json.Marshal(map[string]any{"info": map[string]any{"features": of}})
	if err != nil {
		panic(err) // texts and numbers always have a JSON form
	}
	return string(b)
}
