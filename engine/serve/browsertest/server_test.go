//go:build browser

package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestServerGoneAndBack(t *testing.T) {
	s := serveCollection(t, collection)
	p := openTab(t, s, "net::ERR_")
	p.open("")
	p.wait(`document.querySelector('#view-images [data-at="2"]')?.title`)
	s.stop()
	p.click(`#view-images [data-at="2"]`)
	p.wait(`document.querySelector('[data-name="gone"]')`)
	s.start()
	p.wait(`!document.querySelector('[data-name="gone"]')`)
	p.wait(`document.querySelectorAll('#detail .alike button').length === 12`)
}

func TestTokenIsAskedFor(t *testing.T) {
	p := openTab(t, serveCollection(t, collection, "--token", "secret-word"), "401")
	must(t, chromedp.Do(p.ctx, chromedp.Navigate(p.url+"?view=groups")))
	p.wait(`document.activeElement?.id === 'token'`)
	p.key("wrong\r")
	p.wait(`document.querySelector('#why').textContent === 'That is not the token.' && document.activeElement?.id === 'token'`)
	p.obeys("the page for the token")
	p.key("secret-word\r")
	p.wait(`document.querySelectorAll('#view-groups .cell').length === 4`)
	if got := eval[string](p, `location.href`); got != p.url+"?view=groups" {
		t.Errorf("after the token the page is at %q", got)
	}
}

// The link that is printed opens the page in one browser; in another it leads to the page for the token, which says why.
func TestLinkWorksOnce(t *testing.T) {
	s := serveCollection(t, collection, "--token", "secret-word")
	code := regexp.MustCompile(`\?code=\w+`).FindString(s.out.String())
	if code == "" {
		t.Fatalf("no link is printed: %s", s.out.String())
	}
	p := openTab(t, s)
	p.open(code)
	p.wait(`document.querySelector('#view-images img.there') && location.search === ''`)
	p.open(code) // the browser is in
	p.wait(`location.search === ''`)
	other := openTab(t, s, "401")
	must(t, chromedp.Do(other.ctx, chromedp.Navigate(other.url+code)))
	other.wait(`document.querySelector('#why')?.textContent.startsWith('The link was used already')`)
	other.wait(`document.activeElement?.id === 'token'`)
	other.key("secret-word\r")
	other.wait(`document.querySelector('#view-images img.there')`)
}

func TestWhatIsNotThereYetIsSaid(t *testing.T) {
	p := openTab(t, serveCollection(t, empty), "404")
	for view, command := range map[string]string{"groups": "cluster", "duplicates": "duplicates", "map": "map"} {
		p.open("?view=" + view)
		p.wait(fmt.Sprintf(`document.querySelector('#view-%s pre')?.textContent === 'udml-gpu %s plain.udml'`, view, command))
	}
}

func TestReloadAfterAChange(t *testing.T) {
	changing := filepath.Join(t.TempDir(), "changing.udml")
	must(t, os.CopyFS(changing, os.DirFS(empty)))
	p := openTab(t, serveCollection(t, changing))
	p.open("?view=groups")
	p.wait(`document.querySelector('#view-groups pre')`)
	must(t, run(program, "cluster", changing, "--k", "3"))
	eval[bool](p, `document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`)
	p.click(`[data-name="stale"] button`)
	p.wait(`document.querySelectorAll('#view-groups .cell').length === 3 && !document.querySelector('[data-name="stale"]')`)
}

// The grid keeps few rows, and the focus where it was, however far it is scrolled.
func TestRowsComeAndGo(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.screen(700, 420, "light")
	p.open("?density=large")
	p.wait(`document.querySelector('#view-images [data-at="1"]')?.title`)
	p.click(`#view-images [data-at="1"]`, chromedp.ModifierCtrl)
	eval[bool](p, `(document.querySelector('#view-images .scroll').scrollTop = 1e7, true)`)
	p.wait(fmt.Sprintf(`document.querySelector('#view-images [data-at="%d"]')?.title === 'class03/029.png'`, images-1))
	if rows := eval[int](p, `document.querySelectorAll('#view-images .row').length`); rows > 9 {
		t.Errorf("%d rows are in the document", rows)
	}
	p.wait(`document.activeElement.dataset.at === '1'`)
	want := eval[string](p, `document.querySelector('#view-images .grid').getAttribute('aria-rowcount')`)
	if got := eval[string](p, `document.querySelector('#view-images .row:last-child').getAttribute('aria-rowindex')`); got != want {
		t.Errorf("the last row says that it is row %s of %s", got, want)
	}
}
