package setting

import (
	"strconv"
	"strings"
)

// ParseBytes is the number of bytes of a size such as 512MiB, 2GiB, 1.5GB or 4096. Other text is a UsageError.
func ParseBytes(s string) (int64, error) {
	units := []struct {
		suffix string
		factor float64
	}{
		{"KiB", 1 << 10},
		{"MiB", 1 << 20},
		{"GiB", 1 << 30},
		{"TiB", 1 << 40},
		{"KB", 1e3},
		{"MB", 1e6},
		{"GB", 1e9},
		{"TB", 1e12},
		{"B", 1},
	}
	number, factor := strings.TrimSpace(s), 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, factor = strings.TrimSpace(rest), u.factor
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v >= 0) || v*factor > 1<<60 {
		return 0, Usage("%q is not a size: expected something like 512MiB or 2GiB", s)
	}
	return int64(v * factor), nil
}

// CacheBytes is --cache-ram as a number.
func (c *Config) CacheBytes() (int64, error) {
	n, err := ParseBytes(c.CacheRAM)
	if err != nil {
		return 0, Usage("--cache-ram %v", err)
	}
	return n, nil
}
