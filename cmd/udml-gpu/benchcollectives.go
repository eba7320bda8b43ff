package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/scaling/collectives"
	"udml-gpu/engine/setting"
)

// collectiveSizes are from 8 bytes, a small message, to 64 MiB, the gradients of 17 million parameters.
var collectiveSizes = []int{8, 64, 512, 4 << 10, 32 << 10, 256 << 10, 2 << 20, 16 << 20, 64 << 20}

// benchCollectives times what ranks exchange, and prints what rank 0 has seen.
func benchCollectives(c *cli.Context) error {
	_, err := onRanks(c, func(r *ranks.Ranks) error {
		if r == nil {
			return setting.Usage("--what collectives needs several ranks: --ranks N, or a launcher such as mpirun")
		}
		result, err := measureCollectives(r)
		if err != nil || !r.Leads() {
			return err
		}
		return printResultOr(c, result, collectivesText(result))
	})
	return err
}

func measureCollectives(r *ranks.Ranks) (collectives.Result, error) {
	sizes := collectiveSizes
	for len(sizes) > 0 && sizes[0] < r.Size() { // a piece for each rank
		sizes = sizes[1:]
	}
	result, err := collectives.Measure(r, sizes)
	if err != nil {
		return result, err
	}
	rows, err := collectives.MeasureGroup(r, collectiveSizes)
	if err != nil {
		return result, err
	}
	result.Rows = append(result.Rows, rows...)
	result.Within, result.Between, err = collectives.Links(r, r.Hosts())
	return result, err
}

func collectivesText(r collectives.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d ranks; a gather of 4 bytes takes %.1f us; medians, as rank 0 sees them\n", r.Ranks, 1e6*r.Latency)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "what\tbytes\tus\tMB/s\t")
	for _, row := range r.Rows {
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t\n", row.Pattern, row.Bytes, 1e6*row.Seconds, row.BytesPerSecond/1e6)
	}
	w.Flush()
	b.WriteString(linkText("within a host", r.Within) + linkText("between hosts", r.Between))
	fmt.Fprintf(&b, "for bench --what scaling: --assume %s\n", strings.Join(r.Assumptions(), ","))
	return b.String()
}

// maxMeasured bounds what is read of a file of measurements, in bytes.
const maxMeasured = 1 << 20

// measuredSpeeds are the assumptions that a file of measurements stands for; none for "".
func measuredSpeeds(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxMeasured {
		err = fmt.Errorf("it has %d bytes, and at most %d are read", info.Size(), maxMeasured)
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, baddata.Errorf("--measured %s cannot be read: %v", path, err)
	}
	var r collectives.Result
	if err := json.Unmarshal(b, &r); err != nil || len(r.Assumptions()) == 0 {
		return nil, baddata.Errorf("--measured %s is not what udml-gpu bench --what collectives --json prints", path)
	}
	return r.Assumptions(), nil
}
