package setting

import (
	"slices"
	"strconv"
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
	Result      string // one of Results, or a share of the trained weights
	Method      string
	values      table.Values // of the methods' own settings
}

func (c *Config) methodRows() []table.Row {
	return table.Group("method",
		table.Float("whiten-power", &c.WhitenPower, usualPower, "--head-init whiten, which another power than the default chooses, "+
			"scales each direction by its standard deviation to the minus this power").Within(0, 2).Unpreset(),
		table.Bool("final-whiten", &c.FinalWhiten, true, "whiten the finished embedding by a last linear layer"),
		table.Float("final-whiten-power", &c.FinalPower, usualPower,
			"--final-whiten scales each direction by its standard deviation to the minus this power").Within(0, 2).Unpreset(),
		table.String("result", &c.Result, "auto", "which network the run leaves behind: trained; rewhitened, the trained "+
			"backbone, its features whitened as those of the start; start, what training began with, whitened; a number from 0 to 1, the "+
			"share of the trained weights in a mixture with the first ones; auto: chosen without labels").Free().Checked(c.checkResult),
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

// checkResult is a UsageError for what is no network to leave behind.
func (c *Config) checkResult() error {
	if slices.Contains(Results(), c.Result) {
		return nil
	}
	if _, ok := ResultShare(c.Result); ok {
		return nil
	}
	return Usage("--result %q is not known: expected %s, or a number from 0 to 1, the share of the trained weights", c.Result,
		strings.Join(Results(), ", "))
}

// Results are the words that --result takes, beside numbers.
func Results() []string { return []string{"auto", "start", "rewhitened", "trained"} }

// ResultShare is the share of the trained weights that a value of --result names; false where it is no number from 0 to 1.
func ResultShare(result string) (share float64, ok bool) {
	share, err := strconv.ParseFloat(result, 64)
	return share, err == nil && share >= 0 && share <= 1
}

// KeepsStart says whether --result asks for what training starts from, so that no step would have an effect.
func (c *Config) KeepsStart() bool {
	share, ok := ResultShare(c.Result)
	return c.Result == "start" || ok && share == 0
}

// OrthogonalHead says whether the embedding layer of c, where it is not fitted, begins orthogonal and without a bias, as its method has it.
func (c *Config) OrthogonalHead() bool {
	m, err := method.New(c.Method)
	_, yes := m.(method.OrthogonalStarter)
	return yes && err == nil
}
