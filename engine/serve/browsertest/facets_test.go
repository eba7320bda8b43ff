//go:build browser

package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// countBeside says that so many images stand beside a value of a facet.
func countBeside(facet, value, want string) string {
	return fmt.Sprintf(`document.querySelector('[data-name=%q][data-value=%q] .facet-count')?.textContent.trim() === %q`,
		facet, value, want)
}

func tick(facet, value string) string {
	return fmt.Sprintf(`[data-name=%q][data-value=%q] input`, facet, value)
}

// The count of each value follows the filters of all other facets, and a value without images is dimmed, and stays.
func TestCountsFollowTheFilters(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(countBeside("folder", "class01", "30"))
	p.wait(countBeside("duplicate", "true", "58") + ` && ` + countBeside("duplicate", "null", "121"))
	p.click(tick("folder", "class01"))
	p.wait(`document.querySelector('#toolbar .count').textContent === '30 images'`)
	p.wait(countBeside("folder", "class02", "30")) // what it would add
	p.wait(countBeside("taken", "2024", "0") + ` && ` + countBeside("taken", "2023", "30"))
	p.wait(`document.querySelector('[data-name="taken"][data-value="2024"]').classList.contains('nothing')`)
	p.wait(countBeside("duplicate", "null", "30"))
	p.click(tick("folder", "class02"))
	p.wait(countBeside("taken", "2024", "30"))
	p.wait(`!document.querySelector('[data-name="taken"][data-value="2024"]').classList.contains('nothing')`)
	p.click(`.facets-head .quiet`)
	p.wait(countBeside("taken", "none", "61"))
}

// Years open into months, by mouse and by keyboard, and the address keeps what is chosen.
func TestDates(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(countBeside("taken", "2024", "30") + ` && !document.querySelector('[data-value="2024-05"]')`)
	p.click(tick("taken", "2024"))
	p.wait(`document.querySelector('#toolbar .count').textContent === '30 images'`)
	p.wait(countBeside("taken", "2024-05", "15"))
	p.key(kb.Tab)
	p.wait(`document.activeElement.getAttribute('aria-label') === 'May 2024'`)
	p.key(" ")
	p.wait(`document.querySelector('#toolbar .count').textContent === '15 images'`)
	p.wait(`location.search === '?taken=2024-05' && document.activeElement.getAttribute('aria-label') === 'May 2024'`)
	p.wait(fmt.Sprintf(`document.querySelector(%q).indeterminate`, tick("taken", "2024")))
	p.click(tick("taken", "none"))
	p.wait(`document.querySelector('#toolbar .count').textContent === '76 images'`)
	p.open("?taken=2023")
	p.wait(`document.querySelector('#toolbar .count').textContent === '30 images'`)
	p.click(tick("taken", "2023-02"))
	p.wait(`location.search === '?taken=2023-02'`)
	p.click(tick("taken", "2023-02")) // the last month gives way to the whole year
	p.wait(`location.search === '?taken=2023'`)
	p.click(tick("taken", "2023"))
	p.wait(`location.search === ''`)
}
