//go:build browser

package browsertest

import (
	"fmt"
	"math"
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
