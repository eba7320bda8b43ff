//go:build browser

package browsertest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// heard is what a reader of the screen is told of: role and name of each element of the accessibility tree, such as "button Map".
func (p *tab) heard() []string {
	p.t.Helper()
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	must(p.t, err)
	var list []string
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		var role, name string
		must(p.t, json.Unmarshal(n.Role.Value, &role))
		if n.Name != nil {
			must(p.t, json.Unmarshal(n.Name.Value, &name))
		}
		list = append(list, role+" "+name)
	}
	return list
}

// A reader of the screen finds the parts of the page by role and name, and nothing to press or to type into has no name.
func TestAccessibilityTree(t *testing.T) {
	p := openTab(t, serveCollection(t, collection))
	p.open("")
	p.wait(`document.querySelector('#view-images img.there')`)
	list := p.heard()
	all := "\n" + strings.Join(list, "\n") + "\n"
	for _, want := range []string{
		"\nsearch ", "\nsearchbox Path filter\n", "\nnavigation Views\n", "\ncomplementary Filters\n", "\nmain ", "\nregion Images\n",
		"\nbutton Search by image\n", "\nheading photos.udml\n", "\nstatus ", "\ncheckbox ",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in the tree:\n%s", want, all)
		}
	}
	images := 0
	for _, line := range list {
		role, name, _ := strings.Cut(line, " ")
		switch role {
		case "button", "link", "checkbox", "textbox", "searchbox", "combobox", "image", "gridcell", "option", "tab":
			if strings.TrimSpace(name) == "" {
				t.Errorf("a %s has no name", role)
			}
		}
		if strings.Contains(name, ".png") {
			images++
		}
	}
	if images < 5 {
		t.Errorf("%d elements are named by an image", images)
	}
}
