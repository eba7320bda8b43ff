package setting

import (
	"strings"
	"sync"

	"udml-gpu/engine/method"
	"udml-gpu/engine/setting/table"
)

// MethodSettings are the training method with its own settings, and the whitenings around it.
type MethodSettings struct {
	WhitenPower float64 // of head-init
	FinalWhiten bool
	FinalPower  float64
	Method      string
	values      table.Values // of the methods' own settings
}

func (c *Config) methodRows() []table.Row {
	return table.Group("method",
		table.Float("whiten-power", &c.WhitenPower, 0.5,
			"--head-init whiten scales each direction by its standard deviation to the minus this power").Within(0, 2).Unpreset(),
		table.Bool("final-whiten", &c.FinalWhiten, true, "whiten the finished embedding by a last linear layer"),
		table.Float("final-whiten-power", &c.FinalPower, 0.5,
			"--final-whiten scales each direction by its standard deviation to the minus this power").Within(0, 2).Unpreset(),
		table.String("method", &c.Method, "cbswr", "training method: "+strings.Join(method.Names(), ", ")).OneOf(method.Names()...).Shape(),
	)
}

// ownRows are the own settings of all methods. A method's setting is under the heading "method" unless its row names another.
var ownRows = sync.OnceValue(func() []table.Row {
	return table.Group("method", table.Merge(method.Names(), func(name string) []table.Row {
		m, err := method.New(name)
		if err != nil {
			panic(err) // the name is one of Names
		}
		return m.Settings()
	})...)
})

// ownRows are the own settings of all methods under that heading, with the values of c.
func (c *Config) ownRows(group string) []table.Row {
	var rows []table.Row
	for _, r := range ownRows() {
		if r.Group == group {
			rows = append(rows, r.In(&c.values))
		}
	}
	return rows
}

// NewMethod is the method that c names, with the settings of c. An unknown name is a UsageError.
func (c *Config) NewMethod() (method.Method, error) {
	m, err := method.New(c.Method)
	if err != nil {
		return nil, Usage("--method: %v", err)
	}
	for _, r := range m.Settings() {
		r.Set(r.In(&c.values).Value())
	}
	return m, nil
}

// ReadsLabels says whether the method reads true labels: results are then an upper bound.
func (c *Config) ReadsLabels() bool {
	m, err := c.NewMethod()
	return err == nil && method.ReadsLabels(m)
}
