package report

import "fmt"

// Count is a number with its noun, such as "1 image" or "3 images".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
