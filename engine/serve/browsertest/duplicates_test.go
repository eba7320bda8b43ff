//go:build browser

package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestDuplicates(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("?view=duplicates")
	p.wait(`document.querySelectorAll('.twin img.there').length >= 2`)
	if got := eval[string](p, `document.querySelector('.twin .keep').textContent`); got != "Keep" {
		t.Errorf("the first image is marked %q", got)
	}
	p.click(`.twins .tools button:nth-child(1)`)
	p.wait(`document.querySelector('dialog .compare-pictures img').naturalWidth > 0`)
	before := eval[string](p, `document.querySelector('.compare-facts p').textContent`)
	p.key(" ")
	p.wait(fmt.Sprintf(`document.querySelector('.compare-facts p').textContent !== %q`, before))
	p.click(`dialog .dialog-head button`)
	p.wait(`!document.querySelector('dialog')`)
	p.click(`.twins .tools button:nth-child(2)`)
	p.wait(chosen(1))
	p.wait(`document.querySelectorAll('.twin.selected').length === 1 && !document.querySelector('.twin.selected .keep')`)
}

// The slider lists only groups that are more alike, by keyboard too; it says how many, and the address keeps it.
func TestDuplicatesBySimilarity(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("?view=duplicates")
	p.wait(`document.querySelectorAll('.twin img.there').length >= 2`)
	all := eval[int](p, `fetch('./v1/duplicates').then((r) => r.json()).then((d) => d.total)`)
	if all < 3 {
		t.Fatalf("the collection has %d groups of duplicates", all)
	}
	eval[bool](p, `(document.querySelector('#similarity').focus(), true)`)
	p.key(kb.End)
	p.wait(`new URLSearchParams(location.search).get('similarity') === '1'`)
	p.wait(`/^1 group, 2 images/.test(document.querySelector('#view-duplicates .count').textContent)`) // the copy with the same bytes
	p.wait(`document.querySelectorAll('.twins').length === 1 && document.activeElement.id === 'similarity'`)
	p.wait(`document.querySelector('#similarity').getAttribute('aria-valuetext') === '1.000: 1 group, 2 images'`)
	p.key(kb.ArrowLeft)
	p.wait(`new URLSearchParams(location.search).get('similarity') === '0.995'`)
	p.key(kb.Home)
	p.wait(`location.search === '?view=duplicates'`)
	p.wait(fmt.Sprintf(`document.querySelector('#view-duplicates .count').textContent.startsWith('%d groups')`, all))
	p.open("?view=duplicates&similarity=1")
	p.wait(`document.querySelectorAll('.twins').length === 1 && document.querySelector('#similarity').value === '1'`)
	p.click(`#view-duplicates .tools button`)
	p.wait(chosen(1))
}

// Where duplicates were looked for and none found, the page says so, and what looks further.
func TestNoDuplicatesWereFound(t *testing.T) {
	without := filepath.Join(t.TempDir(), "without.udml")
	must(t, os.CopyFS(without, os.DirFS(empty)))
	must(t, run(program, "duplicates", without, "--kinds", "pixels"))
	p := openTab(t, serveCollection(t, without))
	p.open("?view=duplicates")
	p.wait(`document.querySelector('#view-duplicates h2 + p')?.textContent.startsWith('They were looked for among 121 images')`)
	p.wait(`document.querySelector('#view-duplicates pre').textContent === 'udml-gpu duplicates without.udml'`)
}
