//go:build browser

package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const width, height = 1280, 900

var chromium context.Context

// openBrowser starts Chromium, in which each test has a profile of its own. WebGL is drawn by the processor.
func openBrowser() (stop func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(width, height),
		chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true))
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(options...))
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		cancel()
		return nil, fmt.Errorf("Chromium did not start: %w", err)
	}
	chromium = ctx
	return cancel, nil
}

// tab is a page in the browser. What it must not do, on whatever a test does, is noted: errors on the console, requests to other hosts,
// and shifts of what is on the screen.
type tab struct {
	t         *testing.T
	ctx       context.Context
	url       string
	downloads string
	mu        sync.Mutex
	errors    []string
	foreign   []string
	allowed   []string // parts of errors that the test brings about itself
}

// watchShifts notes the shifts that no input explains. An input explains those of half a second, as the browser counts, or of 30 frames,
// which are half a second where frames are not late: on a loaded machine the answer to a click may take longer than its half second.
const watchShifts = `window.shifts = []; window.framesSince = 30;
	const box = (r) => [r.x, r.y, r.width, r.height].join(' ');
	const said = (s) => (s.node && (s.node.id || s.node.className || s.node.nodeName)) +
		' (' + box(s.previousRect) + ' to ' + box(s.currentRect) + ')';
	const count = () => { if (++window.framesSince < 30) requestAnimationFrame(count); };
	for (const input of ['pointerdown', 'pointerup', 'keydown']) addEventListener(input, () => {
		const counting = window.framesSince < 30;
		window.framesSince = 0;
		if (!counting) requestAnimationFrame(count);
	}, { capture: true });
	new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput && window.framesSince >= 30)
		window.shifts.push(e.value + ' after ' + Math.round(e.startTime) + ' ms: ' + e.sources.map(said).join()); })
	.observe({ type: 'layout-shift', buffered: true });`

func openTab(t *testing.T, s *server, allowed ...string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx, url: s.url(), downloads: t.TempDir(), allowed: allowed}
	must(t, chromedp.Listen(ctx, p.event))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	must(t, err)
	_, err = chromedp.Call(ctx, log.Enable, struct{}{})
	must(t, err)
	_, err = chromedp.Call(ctx, runtime.Enable, struct{}{})
	must(t, err)
	watch := cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: watchShifts}
	_, err = chromedp.Call(ctx, cdppage.AddScriptToEvaluateOnNewDocument, watch)
	must(t, err)
	_, err = chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: p.downloads,
		BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
	})
	must(t, err)
	p.screen(width, height, "light")
	t.Cleanup(p.clean)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p *tab) event(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		p.note(e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.note(fmt.Sprintf("console.%s", e.Type))
	case *log.EventEntryAdded:
		p.note(fmt.Sprintf("%s %s", e.Entry.Text, e.Entry.URL))
	case *network.EventRequestWillBeSent:
		u := e.Request.URL
		if !strings.HasPrefix(u, p.url) && !strings.HasPrefix(u, "blob:"+p.url) && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			p.foreign = append(p.foreign, u)
		}
	}
}

func (p *tab) note(what string) {
	for _, part := range p.allowed {
		if strings.Contains(what, part) {
			return
		}
	}
	p.errors = append(p.errors, what)
}

// clean is what holds at the end of each test.
func (p *tab) clean() {
	if !p.t.Failed() {
		if shifts := eval[[]string](p, `window.shifts`); len(shifts) > 0 {
			p.t.Errorf("the layout shifted: %v", shifts)
		}
	}
	p.mu.Lock()
	errors, foreign := p.errors, p.foreign
	p.mu.Unlock()
	if len(errors) > 0 {
		p.t.Errorf("errors on the console: %v", errors)
	}
	if len(foreign) > 0 {
		p.t.Errorf("requests to other hosts: %v", foreign)
	}
	p.screenshot()
}

// screenshot keeps a picture of the page, where UDML_SCREENSHOTS names a folder for them.
func (p *tab) screenshot() {
	dir := os.Getenv("UDML_SCREENSHOTS")
	if dir == "" {
		return
	}
	b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(p.t.Name(), "/", "-")+".png"), b, 0o666)
	}
	if err != nil {
		p.t.Log(err)
	}
}

// screen sets the size of the window and whether the page is light or dark.
func (p *tab) screen(w, h int64, scheme string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: w, Height: h, DeviceScaleFactor: 1,
	})
	must(p.t, err)
	_, err = chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	must(p.t, err)
}

// open goes to the page with a query and waits until it has started.
func (p *tab) open(query string) {
	p.t.Helper()
	must(p.t, chromedp.Do(p.ctx, chromedp.Navigate(p.url+query)))
	p.wait(`document.body.classList.contains('ready')`)
}

// eval is the value of an expression; a promise is waited for.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait waits until an expression is true.
func (p *tab) wait(expression string) {
	p.t.Helper()
	for begun := time.Now(); ; time.Sleep(30 * time.Millisecond) {
		v, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && v {
			return
		}
		if time.Since(begun) > patience || p.ctx.Err() != nil {
			says := eval[string](p, `location.search + ' ' + document.body.innerText.slice(0, 900)`)
			p.t.Fatalf("waited in vain for %s (%v); the page says %q", expression, err, says)
		}
	}
}

func (p *tab) key(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	must(p.t, chromedp.Do(p.ctx, chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...))))
}

// click clicks the middle of the element that a selector finds, once it is there and stands still.
func (p *tab) click(selector string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	at := p.middle(selector)
	must(p.t, chromedp.Do(p.ctx, chromedp.MouseClickXY(at[0], at[1], chromedp.ButtonModifiers(modifiers...))))
}

// middle is the place of an element on the screen, after it has been scrolled there.
func (p *tab) middle(selector string) []float64 {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.querySelector(%q)?.getClientRects().length`, selector))
	return eval[[]float64](p, fmt.Sprintf(`(async () => {
		const box = () => {
			const r = document.querySelector(%q).getBoundingClientRect();
			return [r.left + r.width / 2, r.top + r.height / 2];
		};
		document.querySelector(%[1]q).scrollIntoView({ block: 'nearest' });
		for (let old = '', now = box(); ; now = box()) {
			if (old === String(now)) return now;
			old = String(now);
			await new Promise((done) => setTimeout(done, 40));
		}
	})()`, selector))
}

// back goes back as the button of the browser does; a page of the same document does not load, so that nothing is waited for.
func (p *tab) back() { eval[bool](p, `(history.back(), true)`) }
