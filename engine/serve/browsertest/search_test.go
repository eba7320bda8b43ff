//go:build browser

package browsertest

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// results says that a search has come to its end.
const results = `/result/.test(document.querySelector('#toolbar .count').textContent) && !document.querySelector('.scroll.busy')`

// firstPath is the path of the first image in the grid.
const firstPath = `document.querySelector('#view-images [data-at="0"]')?.title`

func TestSearchByClick(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d images'`, images))
	p.wait(`document.querySelector('#view-images .cell img.there')`)
	p.click(`#view-images [data-at="2"]`)
	p.wait(`document.querySelectorAll('#detail .alike button').length === 12`)
	if got := eval[string](p, `document.querySelector('#detail h2').textContent`); got != "002.png" {
		t.Errorf("the panel shows %q", got)
	}
	p.click(`#detail .actions button:nth-child(1)`)
	p.wait(results)
	p.wait(firstPath + ` === 'class00/002.png'`)
	if got := eval[string](p, `document.querySelector('[data-at="0"] .score').textContent`); got != "1.000" {
		t.Errorf("the score of the example itself is %s", got)
	}
	// Another example that it must not be like; then its weight.
	p.click(`#view-images [data-at="5"]`)
	p.click(`#detail .actions button:nth-child(2)`)
	p.wait(`document.querySelectorAll('.chip').length === 2 && document.querySelector('.chip.minus')`)
	p.wait(results)
	must(t, chromedp.Do(p.ctx, chromedp.SetValue(chromedp.CSS(".chip.minus input"), "0.5")))
	eval[bool](p, `document.querySelector('.chip.minus input').dispatchEvent(new Event('change'))`)
	p.wait(`new URLSearchParams(location.search).get('minus').endsWith('*0.5')`)
	p.click(`.chip.minus .icon-button`)
	p.wait(`document.querySelectorAll('.chip').length === 1`)
}

func TestBackForwardAndLink(t *testing.T) {
	s := serveCollection(t, collection)
	p := openTab(t, s)
	p.open("?folder=class01&sort=size")
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d images'`, perClass))
	p.click(`#view-images [data-at="1"]`)
	p.click(`#detail .actions button:nth-child(1)`)
	p.wait(results)
	first := eval[string](p, firstPath)
	link := eval[string](p, `location.search`)
	p.click(`#tabs [data-view="groups"]`)
	p.wait(`document.querySelectorAll('#view-groups .cell').length === 4`)
	p.back()
	p.wait(results)
	p.wait(fmt.Sprintf("%s === %q", firstPath, first))
	p.back()
	p.wait(`!document.querySelector('#detail').hidden && !document.querySelector('.chip')`)
	p.back()
	p.wait(`document.querySelector('#detail').hidden`)
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d images'`, perClass))
	must(t, chromedp.Do(p.ctx, chromedp.NavigateForward()))
	p.wait(`!document.querySelector('#detail').hidden`)
	// The link shows the same to somebody else.
	other := openTab(t, s)
	other.open(link)
	other.wait(results)
	other.wait(fmt.Sprintf("%s === %q", firstPath, first))
	other.wait(`document.querySelector('[data-facet="folder"] input:checked')`)
}

func TestSearchByFile(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	file := filepath.Join(photos, "class02", "007.png")
	must(t, chromedp.Do(p.ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}, chromedp.NodeReady)))
	p.wait(results)
	p.wait(firstPath + ` === 'class02/007.png'`)
	if got := eval[string](p, `document.querySelector('.chip img').src`); !strings.HasPrefix(got, "blob:") {
		t.Errorf("the chip shows %s", got)
	}
	if got := eval[string](p, `location.search`); got != "" {
		t.Errorf("an image that only this tab knows is in the address: %s", got)
	}
}

// dropped hands a file to the page as a browser does when it is dropped or pasted.
const dropped = `(async () => {
	const bytes = Uint8Array.from(atob(%q), (c) => c.charCodeAt(0));
	const data = new DataTransfer();
	data.items.add(new File([bytes], 'photo.png', { type: 'image/png' }));
	%s
	return true;
})()`

func TestSearchByDropAndPaste(t *testing.T) {
	for name, how := range map[string]string{
		"drop":  `document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));`,
		"paste": `document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));`,
	} {
		t.Run(name, func(t *testing.T) {
			p := openTab(t, serveCollection(t, collection))
			p.open("")
			b, err := os.ReadFile(filepath.Join(photos, "class03", "004.png"))
			must(t, err)
			eval[bool](p, fmt.Sprintf(dropped, base64.StdEncoding.EncodeToString(b), how))
			p.wait(results)
			p.wait(firstPath + ` === 'class03/004.png'`)
		})
	}
}

func TestWhatIsNoImageIsSaid(t *testing.T) {
	p := openTab(t, serveCollection(t, collection), "400")
	p.open("")
	eval[bool](p, fmt.Sprintf(dropped, base64.StdEncoding.EncodeToString([]byte("no image")),
		`document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));`))
	p.wait(`document.querySelector('.banner.bad')?.textContent.startsWith('The image could not be searched with')`)
}

func TestKeyboardAlone(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(`document.querySelector('#view-images [data-at="3"]')?.title`)
	p.key("/")
	p.wait(`document.activeElement.id === 'path'`)
	// The driver types the stroke into the field, which a browser does not after the page has taken it.
	eval[bool](p, `(document.activeElement.select(), true)`)
	p.key("class01")
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d images'`, perClass))
	p.key(kb.ArrowDown)
	p.wait(`document.activeElement.dataset.at === '0'`)
	p.key(kb.ArrowRight)
	p.key(kb.ArrowRight)
	p.wait(`document.activeElement.title === 'class01/002.png'`)
	p.key(kb.Enter)
	p.wait(`document.querySelector('#detail h2')?.textContent === '002.png'`)
	p.key(kb.Escape)
	p.wait(`document.querySelector('#detail').hidden`)
	p.key("x")
	p.wait(`document.querySelector('.chosen').textContent === '1 image selected'`)
	p.key("s")
	p.wait(results)
	p.wait(firstPath + ` === 'class01/002.png' && document.activeElement.dataset.at === '0'`)
	p.key("n")
	p.wait(`document.querySelector('.chip.minus') && !document.querySelector('.chip.like')`)
	p.key(kb.Escape)
	p.wait(`!document.querySelector('.chip')`)
	p.key("?")
	p.wait(`document.querySelector('dialog[open]')`)
	p.key(kb.Escape)
	p.wait(`!document.querySelector('dialog')`)
	p.wait(`document.activeElement.classList.contains('cell')`)
	p.key("g")
	p.wait(`new URLSearchParams(location.search).get('group') !== null`)
}
