package push

import (
	"fmt"
	"strings"

	"udml-gpu/engine/collection"
)

// Columns are the names of the columns of Fields and of the vector after them.
func Columns() []string { return strings.Split(columns, ", ") }

// Fields are what the table's row of item i has before the vector; "" is NULL.
func Fields(c *collection.Collection, i int) []string {
	it := &c.Items[i]
	return []string{valid(it.Path), it.ID(), valid(it.Label), valid(it.Split), it.SHA256, rowHash(c, i)}
}

// Script is a program of psql that makes the table which Run makes of the collection, from a CSV file with a line of names and Columns.
func Script(c *collection.Collection, csv string) (string, error) {
	t, err := nameTable("", c.Path)
	if err != nil {
		return "", err
	}
	var values []string
	for _, v := range t.catalogValues(c) {
		switch v := v.(type) {
		case string:
			values = append(values, quote(v))
		default:
			values = append(values, fmt.Sprint(v))
		}
	}
	return fmt.Sprintf(`-- psql --set ON_ERROR_STOP=1 --file THIS DATABASE, in the folder of the CSV file
BEGIN;
CREATE EXTENSION IF NOT EXISTS vector;
%s;
%s;
INSERT INTO %s (%s) VALUES (%s);
\copy %s (%s) FROM %s WITH (FORMAT csv, HEADER true)
%s;
COMMIT;
`, t.catalogSQL(), t.createSQL(c.Dim()), t.in(catalog), catalogColumns, strings.Join(values, ", "), t.quoted(), columns, quote(csv),
		t.indexLine(c.Dim())), nil
}

// indexLine is indexSQL, or a remark where vectors are too long for it.
func (t table) indexLine(dim int) string {
	if sql := t.indexSQL(dim); sql != "" {
		return sql
	}
	return fmt.Sprintf("-- no index: HNSW takes at most %d dimensions\nSELECT 1", maxHalf)
}

// quote is s as a literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
