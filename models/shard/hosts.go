package shard

// hosts say which ranks share a machine: host h has the ranks [first[h],first[h+1]). What many ranks need then goes to each host once, to
// one of its ranks, which passes it on.
type hosts struct {
	first []int
	host  []int // by rank
}

// hostsOf are the hosts of ranks by the names of their machines; nil where two levels gain nothing: one host, hosts of one rank each, or
// ranks of a host that do not follow each other.
func hostsOf(names []string) *hosts {
	h, seen := &hosts{}, map[string]bool{}
	for r, name := range names {
		if r == 0 || name != names[r-1] {
			if seen[name] {
				return nil
			}
			seen[name] = true
			h.first = append(h.first, r)
		}
		h.host = append(h.host, len(h.first)-1)
	}
	if n := len(h.first); n < 2 || n == len(names) {
		return nil
	}
	h.first = append(h.first, len(names))
	return h
}

// ranks are those [first,last) of a host.
func (h *hosts) ranks(host int) (first, last int) { return h.first[host], h.first[host+1] }

// deputy is the rank of a host that sends and receives, for all of that host, what has to do with a rank: that rank itself on its own.
func (h *hosts) deputy(host, rank int) int {
	first, last := h.ranks(host)
	if first <= rank && rank < last {
		return rank
	}
	return first + rank%(last-first)
}

// others calls f for the deputy of a rank on each host but its own.
func (h *hosts) others(rank int, f func(host, deputy int)) {
	for at := range len(h.first) - 1 {
		if at != h.host[rank] {
			f(at, h.deputy(at, rank))
		}
	}
}

// charges are the ranks that a rank is the deputy of on its host, itself among them, in order.
func (h *hosts) charges(rank int) (list []int) {
	host := h.host[rank]
	for r := range h.host {
		if h.deputy(host, r) == rank {
			list = append(list, r)
		}
	}
	return list
}
