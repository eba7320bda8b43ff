//go:build browser

package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// chosen says that so many images are selected.
func chosen(n int) string {
	s := "s"
	if n == 1 {
		s = ""
	}
	return fmt.Sprintf(`document.querySelector('.chosen').textContent === '%d image%s selected'`, n, s)
}

// file is what the page saves under a name.
func (p *tab) file(name string) []byte {
	p.t.Helper()
	path := filepath.Join(p.downloads, name)
	for begun := time.Now(); ; time.Sleep(30 * time.Millisecond) {
		if b, err := os.ReadFile(path); err == nil && len(b) > 0 {
			return b
		}
		if time.Since(begun) > patience {
			p.t.Fatalf("%s was not saved", name)
		}
	}
}

func TestSelectAndExport(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(`document.querySelector('#view-images [data-at="6"]')?.title`)
	p.click(`#view-images [data-at="1"]`, chromedp.ModifierCtrl)
	p.wait(chosen(1))
	p.click(`#view-images [data-at="4"]`, chromedp.ModifierShift)
	p.wait(chosen(4))
	p.click(`#view-images [data-at="2"] .mark`)
	p.wait(chosen(3))
	p.wait(`new URLSearchParams(location.search).getAll('sel').length === 3`)
	for nth, name := range []string{"selection.txt", "selection.csv", "selection.json"} {
		p.click(fmt.Sprintf(`#selection-bar .together button:nth-child(%d)`, nth+1))
		b := p.file(name)
		switch nth {
		case 0:
			if got := strings.Fields(string(b)); strings.Join(got, " ") != "class00/001.png class00/003.png class00/004.png" {
				t.Errorf("the saved paths are %q", got)
			}
		case 1:
			if got := strings.Count(string(b), "\n"); got != 4 {
				t.Errorf("the table has %d lines, and 3 images are selected", got)
			}
		case 2:
			var list struct{ Total int }
			if err := json.Unmarshal(b, &list); err != nil || list.Total != 3 {
				t.Errorf("the saved JSON holds %d images (%v)", list.Total, err)
			}
		}
	}
	p.click(`#selection-bar .show`)
	p.wait(`document.querySelector('#toolbar .count').textContent === '3 selected images'`)
	p.back()
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d images'`, images))
	p.click(`#selection-bar > button:nth-of-type(2)`) // Invert
	p.wait(chosen(images - 3))
	p.click(`#toolbar .tools > button`) // Select all
	p.wait(chosen(images))
	p.click(`#selection-bar > .icon-button`)
	p.wait(`document.querySelector('#selection-bar').hidden`)
}

// Whatever the number of images, all that the filters let pass are selected by one request, and so are those that are not selected.
func TestSelectAllIsOneRequest(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("?folder=class01&folder=class02")
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d images'`, 2*perClass))
	p.wait(`document.querySelector('#view-images [data-at="2"]')?.title`)
	asked := `performance.getEntriesByType('resource').filter((e) => /v1.(items[?]|selection)/.test(e.name)).length`
	before := eval[int](p, asked)
	p.click(`#toolbar .tools > button`)
	p.wait(chosen(2 * perClass))
	if got := eval[int](p, asked) - before; got != 1 {
		t.Errorf("%d requests were made", got)
	}
	p.click(`#view-images [data-at="2"]`, chromedp.ModifierCtrl)
	p.wait(chosen(2*perClass - 1))
	p.click(`#selection-bar > button:nth-of-type(2)`) // Invert
	p.wait(chosen(1))
	if got := eval[int](p, asked) - before; got != 2 {
		t.Errorf("%d requests were made", got)
	}
}

func TestCopyPaths(t *testing.T) {
	s := serveCollection(t, collection)
	p := openTab(t, s)
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
			Origin: strings.TrimSuffix(s.url(), "/"), BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		})
		must(t, err)
	}
	p.open("")
	p.wait(`document.querySelector('#view-images [data-at="2"]')?.title`)
	p.click(`#view-images [data-at="2"]`, chromedp.ModifierCtrl)
	p.wait(chosen(1))
	p.click(`#selection-bar > button:nth-of-type(4)`)
	p.wait(`document.querySelector('.banner')?.textContent.startsWith('1 path copied')`)
	if got := eval[string](p, `navigator.clipboard.readText()`); strings.TrimSpace(got) != "class00/002.png" {
		t.Errorf("the clipboard holds %q", got)
	}
}

func TestSelectByScore(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(`document.querySelector('#view-images [data-at="0"]')?.title`)
	p.click(`#view-images [data-at="0"]`)
	p.click(`#detail .actions button:nth-child(1)`)
	p.wait(results)
	eval[bool](p, `(document.querySelector('.least').value = 0.994, true)`)
	p.click(`#toolbar .together button`)
	p.wait(chosen(perClass + 1)) // the class of the example, with the copy
}

func TestTag(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(`document.querySelector('#view-images [data-at="3"]')?.title`)
	p.click(`#view-images [data-at="2"]`, chromedp.ModifierCtrl)
	p.click(`#view-images [data-at="3"]`, chromedp.ModifierCtrl)
	p.wait(chosen(2))
	p.click(`#selection-bar > button:nth-of-type(3)`)
	p.wait(`document.querySelector('dialog[open] input')`)
	p.key("stripes\r")
	p.wait(`document.querySelector('[data-facet="tag"] .facet-count')?.textContent.trim() === '2'`)
	p.click(`[data-facet="tag"] input`)
	p.wait(`document.querySelector('#toolbar .count').textContent === '2 images'`)
	// The key of the first tag takes it away where all of the selection have it.
	eval[bool](p, `(document.activeElement.blur(), true)`)
	p.key("1")
	p.wait(`(document.querySelector('[data-facet="tag"] .facet-count')?.textContent.trim() || '0') === '0'`)
}

func TestLasso(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("?view=map")
	p.wait(`document.querySelector('#view-map .tools button') && document.querySelector('.map canvas.points')`)
	p.click(`#view-map .tools button:nth-of-type(1)`)
	p.wait(`document.querySelector('.map.lassoing')`)
	box := eval[[]float64](p, `[document.querySelector('.map').getBoundingClientRect()].flatMap((r) => [r.left, r.top, r.right, r.bottom])`)
	left, top, right, bottom := box[0]+9, box[1]+9, box[2]-9, box[3]-9 // within the round corners
	p.drag([][2]float64{{left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}})
	p.wait(chosen(images))
	p.click(`#selection-bar .show`)
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d selected images'`, images))
}

// drag moves the pressed mouse along a path.
func (p *tab) drag(path [][2]float64) {
	p.t.Helper()
	send := func(kind input.DispatchMouseEventType, at [2]float64) {
		_, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: kind, X: at[0], Y: at[1], Button: input.MouseButtonLeft, ClickCount: 1,
		})
		must(p.t, err)
	}
	send(chromedp.MousePressed, path[0])
	for _, at := range path[1:] {
		send(chromedp.MouseMoved, at)
	}
	send(chromedp.MouseReleased, path[len(path)-1])
}
