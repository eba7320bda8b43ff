//go:build browser

package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The report of a run obeys the rules in light and dark, on a desk and on a phone, where nothing but its tables is wider than the screen;
// it has no script, and every picture has words.
func TestReport(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	train := "train --labels folder --backbone conv4 --pretrained=false --size 32 --epochs 2 --batch 16 --data"
	if err := run(program, append(strings.Fields(train), photos, "--out", out)...); err != nil {
		t.Fatal(err)
	}
	files := httptest.NewServer(http.FileServer(http.Dir(out)))
	defer files.Close()
	for _, scheme := range []string{"light", "dark"} {
		for _, size := range [][2]int64{{width, height}, {390, 844}} {
			t.Run(fmt.Sprintf("%s %d", scheme, size[0]), func(t *testing.T) {
				p := openTab(t, &server{addr: strings.TrimPrefix(files.URL, "http://")}, "favicon.ico")
				p.screen(size[0], size[1], scheme)
				must(t, chromedp.Do(p.ctx, chromedp.Navigate(p.url+"report.html")))
				p.wait(`document.querySelector('.pictures svg image')`)
				if n := eval[int](p, `document.scripts.length`); n != 0 {
					t.Errorf("%d scripts", n)
				}
				if wide := eval[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
					t.Errorf("%d pixels wider than the screen", wide)
				}
				pictures := eval[int](p, `document.querySelectorAll('svg[role=img]').length`)
				named := eval[int](p, `document.querySelectorAll('svg[role=img][aria-label]:not([aria-label=""])').length`)
				if named != pictures || pictures < 20 {
					t.Errorf("%d of %d pictures have words", named, pictures)
				}
				if part := eval[string](p, `document.querySelector('nav a').hash`); eval[bool](p, `!document.querySelector('`+part+`')`) {
					t.Errorf("%s leads nowhere", part)
				}
				p.obeys("the report")
			})
		}
	}
}
