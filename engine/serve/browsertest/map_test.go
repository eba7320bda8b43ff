//go:build browser

package browsertest

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	noWebGL = `const get = HTMLCanvasElement.prototype.getContext;
		HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
			return kind === 'webgl2' ? null : get.call(this, kind, ...rest);
		};`
	// readable keeps what WebGL has drawn, so that a test can read it.
	readable = `const get = HTMLCanvasElement.prototype.getContext;
		HTMLCanvasElement.prototype.getContext = function (kind, o) {
			return get.call(this, kind, { ...o, preserveDrawingBuffer: true });
		};`
	// painted is how many pixels of the map are not empty.
	painted = `(() => {
		const from = document.querySelector('.map canvas.points');
		const to = new OffscreenCanvas(from.width, from.height).getContext('2d');
		to.drawImage(from, 0, 0);
		return to.getImageData(0, 0, from.width, from.height).data.filter((v, at) => at % 4 === 3 && v > 0).length;
	})()`
)

// The points are drawn by WebGL, and without it as a density.
func TestMapIsDrawn(t *testing.T) {
	s := serveCollection(t, collection)
	for name, before := range map[string]string{"WebGL": readable, "canvas": noWebGL} {
		t.Run(name, func(t *testing.T) {
			p := openTab(t, s)
			script := cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: before}
			_, err := chromedp.Call(p.ctx, cdppage.AddScriptToEvaluateOnNewDocument, script)
			must(t, err)
			p.open("?view=map")
			p.wait(fmt.Sprintf(`document.querySelector('.map canvas.points') && %s > %d`, painted, images))
		})
	}
}

// hues is how many different colours the points have, in steps of 32.
const hues = `(() => {
	const from = document.querySelector('.map canvas.points');
	const to = new OffscreenCanvas(from.width, from.height).getContext('2d');
	to.drawImage(from, 0, 0);
	const found = new Set();
	const { data } = to.getImageData(0, 0, from.width, from.height);
	for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 220) found.add([0, 1, 2].map((d) => data[at + d] >> 5).join());
	return found.size;
})()`

// The points are coloured by what is chosen, the legend says what it means and filters, and with a search all images have a score.
func TestMapColours(t *testing.T) {
	copied := filepath.Join(t.TempDir(), "coloured.udml")
	must(t, os.CopyFS(copied, os.DirFS(collection)))
	p := openTab(t, serveCollection(t, copied))
	script := cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: readable}
	_, err := chromedp.Call(p.ctx, cdppage.AddScriptToEvaluateOnNewDocument, script)
	must(t, err)
	must(t, chromedp.Do(p.ctx, chromedp.Navigate(p.url)))
	ids := eval[[]string](p, `fetch('./v1/items?folder=class02&limit=12').then((r) => r.json()).then((d) => d.items.map((i) => i.id))`)
	tagged := eval[int](p, fmt.Sprintf(`fetch('./v1/tags', { method: 'POST', headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ tag: 'wide', ids: [%s] }) }).then((r) => r.status)`, `"`+strings.Join(ids, `","`)+`"`))
	if tagged != http.StatusOK {
		t.Fatal(tagged)
	}
	p.open("?view=map")
	p.wait(`document.querySelectorAll('.legend button').length === 4 && document.querySelector('.legend summary').textContent === 'Group'`)
	p.wait(hues + ` >= 4`)
	p.click(`.legend button:nth-child(2)`)
	p.wait(`document.querySelector('.legend button:nth-child(2)').getAttribute('aria-pressed') === 'true'`)
	p.wait(`new URLSearchParams(location.search).get('group') && new URLSearchParams(location.search).get('view') === 'map'`)
	p.wait(`document.querySelectorAll('.legend .faded').length === 3`)
	p.obeys("the legend")
	p.click(`.legend button:nth-child(2)`)
	p.wait(`document.querySelectorAll('.legend .faded').length === 0`)
	eval[bool](p, `((s) => { s.value = 'tag'; return s.dispatchEvent(new Event('change')); })(document.querySelector('#view-map select'))`)
	p.wait(`document.querySelector('.legend summary').textContent === 'Tag'`)
	p.wait(`/109$/.test(document.querySelector('.legend-list').textContent)`) // without a tag
	p.wait(`new URLSearchParams(location.search).get('colour') === 'tag'`)
	p.open("?view=map&like=" + ids[0])
	p.wait(`document.querySelector('.legend summary').textContent === 'Score'`)
	p.wait(`/^-?[01][.][0-9]{3}0[.]9[0-9]{2}$/.test(document.querySelector('.ramp-ends').textContent)`)
	p.wait(`/^All images/.test(document.querySelector('.legend .hint').textContent)`)
	p.open("?view=map&folder=class02&like=" + ids[0])
	p.wait(`/^30 images/.test(document.querySelector('.legend .hint')?.textContent)`)
}

// pointOnScreen is where the point of an image lies while the whole map is shown: a square with a margin of 4 %, in the middle.
const pointOnScreen = `fetch('./v1/map').then((r) => r.arrayBuffer()).then((b) => {
	const r = document.querySelector('.overlay').getBoundingClientRect();
	const side = Math.min(r.width, r.height) * 0.92;
	const at = (n) => (new DataView(b).getUint16(n, true) / 65535 - 0.5) * side;
	return [r.left + r.width / 2 + at(6 * %d), r.top + r.height / 2 + at(6 * %[1]d + 2)];
})`

// The pointer above a point shows its image, and a click opens it; the key x selects what is on the screen.
func TestMapHoverAndClick(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("?view=map")
	p.wait(`document.querySelector('#view-map .tools button')`)
	at := eval[[]float64](p, fmt.Sprintf(pointOnScreen, 47))
	_, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: chromedp.MouseMoved, X: at[0], Y: at[1]})
	must(t, err)
	p.wait(`!document.querySelector('.tip').hidden && document.querySelector('.tip img').complete`)
	name := eval[string](p, `document.querySelector('.tip .facet-name').textContent`)
	must(t, chromedp.Do(p.ctx, chromedp.MouseClickXY(at[0], at[1])))
	p.wait(fmt.Sprintf(`document.querySelector('#detail h2')?.textContent === %q`, name))
	// Of points that lie on each other any may be met. The panel has made the map narrower meanwhile.
	at = eval[[]float64](p, fmt.Sprintf(pointOnScreen, 47))
	id := eval[string](p, `new URLSearchParams(location.search).get('open')`)
	number := eval[int](p, fmt.Sprintf(`fetch('./v1/items/%s').then((r) => r.json()).then((i) => i.number)`, id))
	if there := eval[[]float64](p, fmt.Sprintf(pointOnScreen, number)); math.Hypot(there[0]-at[0], there[1]-at[1]) > 3 {
		t.Errorf("a click on the point at %v opens image %d, whose point is at %v", at, number, there)
	}
	p.click(`.overlay`)
	p.key("x")
	p.wait(chosen(images))
}
