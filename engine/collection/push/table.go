package push

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/setting"
)

// catalog is the table that says what each table of push holds.
const catalog = "udml_collections"

// longestName leaves room for the index's ending in PostgreSQL's 63 bytes.
const longestName = 48

var tableName = regexp.MustCompile(`^(?:([a-z_][a-z0-9_]*)\.)?([a-z_][a-z0-9_]*)$`)

// table is the name of a table.
type table struct{ schema, name string }

// nameTable checks --table, or makes a name from that of the collection: lower case, with _ for what an unquoted name cannot have.
func nameTable(given, collectionPath string) (table, error) {
	if given == "" {
		base := strings.TrimSuffix(filepath.Base(filepath.Clean(collectionPath)), collection.Extension)
		given = strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return '_'
		}, strings.ToLower(base))
		if given == "" || given[0] >= '0' && given[0] <= '9' {
			given = "_" + given
		}
		given = given[:min(len(given), longestName)]
	}
	m := tableName.FindStringSubmatch(given)
	if m == nil || len(m[1]) > longestName || len(m[2]) > longestName || m[2] == catalog {
		return table{}, setting.Usage("--table %q does not fit: expected NAME or SCHEMA.NAME of small letters, digits and _, each of "+
			"at most %d characters and not %s", given, longestName, catalog)
	}
	return table{schema: m[1], name: m[2]}, nil
}

// String is the name as --table takes it.
func (t table) String() string {
	if t.schema == "" {
		return t.name
	}
	return t.schema + "." + t.name
}

// in is the quoted name of a table in the same schema.
func (t table) in(name string) string {
	if t.schema == "" {
		return pgx.Identifier{name}.Sanitize()
	}
	return pgx.Identifier{t.schema, name}.Sanitize()
}

func (t table) quoted() string { return t.in(t.name) }

// createSQL makes the table. Paths compare by bytes, as in a collection, so that both are read side by side.
func (t table) createSQL(dim int) string {
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (
  path text COLLATE "C" PRIMARY KEY,
  id text NOT NULL,
  label text,
  split text,
  sha256 text NOT NULL,
  row_hash text NOT NULL,
  embedding vector(%d) NOT NULL
)`, t.quoted(), dim)
}

// catalogSQL makes the table of tables.
func (t table) catalogSQL() string {
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (
  table_name text PRIMARY KEY,
  model text NOT NULL,
  dimensions int NOT NULL,
  metric text NOT NULL,
  normalized boolean NOT NULL,
  backbone text NOT NULL,
  layer text NOT NULL,
  pool text NOT NULL,
  pipeline text NOT NULL,
  base_license text NOT NULL,
  data text NOT NULL,
  split text NOT NULL,
  created_by text NOT NULL
)`, t.in(catalog))
}

// catalogColumns are the columns of catalogSQL in its order, and catalogValues their values for a collection.
const catalogColumns = "table_name, model, dimensions, metric, normalized, backbone, layer, pool, pipeline, base_license, data, split, " +
	"created_by"

func (t table) catalogValues(c *collection.Collection) []any {
	m := &c.Manifest
	return []any{
		t.name, m.Model.Hash, c.Dim(), m.Metric, true, m.Model.Backbone, m.Model.Layer, m.Model.Pool, m.Model.Pipeline, m.Model.Licence,
		valid(m.Source.Place()), valid(m.Source.Split), m.WrittenBy,
	}
}
