package collectives

import (
	"encoding/json"
	"fmt"

	"udml-gpu/models/shard"
)

// Link is the speed of a gather between the ranks of one kind: those of one host, or of different ones.
type Link struct {
	Latency        float64 `json:"latency"`          // seconds of a gather of 8 bytes of each rank, of the slowest rank
	BytesPerSecond float64 `json:"bytes_per_second"` // that a rank receives in a gather of 4 MiB of each, of the slowest rank
}

// The sizes of Links, in bytes.
const (
	linkSmall = 8
	linkLarge = 4 << 20
)

// Links measures gathers among the ranks of each host, with all hosts at it at once, and among ranks of different hosts. hosts are the
// names of the hosts of all ranks. A link is nil where no two ranks are so.
func Links(c shard.Carrier, hosts []string) (within, between *Link, err error) {
	if within, err = link(c, "within hosts", func(a, b int) bool { return hosts[a] == hosts[b] }); err != nil {
		return nil, nil, err
	}
	between, err = link(c, "between hosts", func(a, b int) bool { return hosts[a] != hosts[b] })
	return within, between, err
}

// link is the speed among the ranks that linked says.
func link(c shard.Carrier, name string, linked func(a, b int) bool) (*Link, error) {
	peers, pairs := 0, 0
	for a := range c.Size() {
		for b := range c.Size() {
			if a != b && linked(a, b) {
				pairs++
				if a == c.Rank() {
					peers++
				}
			}
		}
	}
	if pairs == 0 {
		return nil, nil
	}
	var own Link
	for _, size := range []int{linkSmall, linkLarge} {
		to, from := make([][]byte, c.Size()), make([][]byte, c.Size())
		for r := range to {
			if r != c.Rank() && linked(r, c.Rank()) {
				to[r], from[r] = make([]byte, size), make([]byte, size)
			}
		}
		seconds, err := timed(max(size, totalBytes/20), func() error { return c.Exchange("measure "+name, to, from) })
		if err != nil {
			return nil, err
		}
		if size == linkSmall {
			own.Latency = seconds
		} else if peers > 0 {
			own.BytesPerSecond = float64(peers*size) / seconds
		}
	}
	return slowest(c, own)
}

// slowest joins the links that the ranks have measured; those without peers have measured nothing.
func slowest(c shard.Carrier, own Link) (*Link, error) {
	text, err := json.Marshal(own)
	if err != nil {
		return nil, err
	}
	g := shard.New(c.Size(), c)
	all := &Link{}
	for r, text := range g.Texts("compare measurements", string(text)) {
		var l Link
		if err := g.Err(); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return nil, fmt.Errorf("rank %d has sent %q: %w", r, text, err)
		}
		all.Latency = max(all.Latency, l.Latency)
		if l.BytesPerSecond > 0 && (all.BytesPerSecond == 0 || l.BytesPerSecond < all.BytesPerSecond) {
			all.BytesPerSecond = l.BytesPerSecond
		}
	}
	return all, nil
}

// Assumptions are what has been measured as inputs of package scaling, KEY=VALUE.
func (r Result) Assumptions() []string {
	var list []string
	base := 0.0
	if l := r.Within; l != nil {
		base = l.Latency
		list = append(list, fmt.Sprintf("host_latency=%g", l.Latency), fmt.Sprintf("nvlink_bytes_per_second=%g", l.BytesPerSecond))
	}
	if l := r.Between; l != nil {
		list = append(list,
			fmt.Sprintf("network_latency=%g", max(0, l.Latency-base)), fmt.Sprintf("nic_bytes_per_second=%g", l.BytesPerSecond))
	}
	return list
}
