package table_test

import (
	"fmt"

	"udml-gpu/engine/setting/table"
)

// A type lists its settings as rows that point into it; everything else about them follows from the rows.
func Example() {
	var loss struct {
		weight float64
		kind   string
	}
	rows := table.Group("method",
		table.Float("margin-weight", &loss.weight, 0.5, "weight of the margin").Within(0, 10),
		table.String("margin-kind", &loss.kind, "hard", "hard or soft").OneOf("hard", "soft"),
	)
	table.Reset(rows)
	fmt.Println(loss.weight, loss.kind, table.Variable("margin-weight"))

	table.Set(rows, "margin-weight", 11.0)
	fmt.Println(table.Check(rows))
	// Output:
	// 0.5 hard UDML_MARGIN_WEIGHT
	// --margin-weight 11 is out of range: expected 0 to 10
}
