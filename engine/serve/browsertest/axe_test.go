//go:build browser

package browsertest

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// violations are the rules of axe-core that the page breaks, with the elements that break them.
const violations = `axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => v.id + ': ' +
	v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message || n.all[0]?.message || '')).join('; ')))`

// obeys holds what the page shows now against the rules.
func (p *tab) obeys(what string) {
	p.t.Helper()
	axe, err := os.ReadFile(os.Getenv("UDML_AXE"))
	if err != nil {
		p.t.Fatalf("UDML_AXE must name axe.min.js: %v", err)
	}
	eval[bool](p, `((window.module = undefined), true)`)
	must(p.t, chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](string(axe))))
	if bad := eval[[]string](p, violations); len(bad) > 0 {
		p.t.Errorf("%s: %q", what, bad)
	}
}

// Each view obeys the rules for readers of the screen, for contrast and for names, in light and dark, on a desk and on a phone.
func TestAccessibility(t *testing.T) {
	s := serveCollection(t, collection)
	there := map[string]string{
		"":                 `document.querySelector('#view-images img.there')`,
		"?view=groups":     `document.querySelector('#view-groups img.there')`,
		"?view=duplicates": `document.querySelector('.twin img.there')`,
		"?view=map":        `document.querySelector('#view-map .tools button')`,
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, size := range [][2]int64{{width, height}, {390, 844}} {
			t.Run(fmt.Sprintf("%s %d", scheme, size[0]), func(t *testing.T) {
				p := openTab(t, s)
				p.screen(size[0], size[1], scheme)
				for query, ready := range there {
					p.open(query)
					p.wait(ready)
					p.obeys(query)
				}
				p.open("")
				p.wait(there[""])
				p.click(`#view-images [data-at="0"]`, chromedp.ModifierCtrl)
				p.click(`#view-images [data-at="1"]`)
				p.wait(`document.querySelector('#detail .alike img.there')`)
				p.obeys("the panel of an image")
				p.click(`#detail .actions button:nth-child(1)`)
				p.wait(results)
				p.obeys("results")
				p.click(`#help-button`)
				p.wait(`document.querySelector('dialog[open]')`)
				p.obeys("the help")
			})
		}
	}
}
