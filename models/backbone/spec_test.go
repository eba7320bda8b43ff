package backbone

import (
	"strings"
	"testing"
)

// TestSpecNames: ParseSpec reads what Name writes, and a published network has its published name.
func TestSpecNames(t *testing.T) {
	for _, p := range transformers {
		s, err := ParseSpec(p.name)
		if err != nil || s != p.spec || s.Name() != p.name {
			t.Errorf("%s: %+v is called %s, %v", p.name, s, s.Name(), err)
		}
	}
	for text, name := range map[string]string{
		"dinov2:dim=128,depth=3,heads=2":                                    "dinov2:dim=128,depth=3,heads=2,patch=14",
		"dinov2:dim=384,depth=12,heads=6,patch=14":                          "dinov2_vits14",
		"dinov2:patch=14,heads=6,depth=12,dim=384,registers=4,mlp=1536":     "dinov2_vits14_reg4",
		"dinov2:dim=192,depth=2,heads=3,mlp=512,swiglu=true":                "dinov2:dim=192,depth=2,heads=3,patch=14,mlp=512,swiglu=true",
		"dinov3:dim=384,depth=12,heads=6,swiglu=true":                       "dinov3_vits16plus",
		"dinov2_vits14:interp=timm":                                         "dinov2_vits14:interp=timm",
		"dinov2_vits14:interp=hf":                                           "dinov2_vits14",
		"clip_vitl14_quickgelu:grid=24":                                     "clip_vitl14_quickgelu:grid=24",
		"clip_vitb32:out=0":                                                 "clip_vitb32:out=0",
		"vit_base_patch16:eps=1e-12":                                        "vit_base_patch16:eps=1e-12",
		"clip:dim=768,depth=12,heads=12,patch=32,grid=7,out=512,gelu=quick": "clip_vitb32_quickgelu",
		"vit:dim=64,depth=1,heads=1,mlp=8,eps=0.001":                        "vit:dim=64,depth=1,heads=1,patch=16,mlp=8,eps=0.001",
	} {
		s, err := ParseSpec(text)
		if err != nil || s.Name() != name {
			t.Errorf("%s is called %s, want %s; %v", text, s.Name(), name, err)
			continue
		}
		if again, err := ParseSpec(s.Name()); err != nil || again != s {
			t.Errorf("%s: %+v becomes %+v, %v", name, s, again, err)
		}
	}
}

// TestSpecRefusals: each number is bounded, and a mistake is named.
func TestSpecRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"resnet18":                                    `no transformer is called "resnet18": the families are vit, dinov2`,
		"dinov2":                                      "dim is 0, want 1 to 8192",
		"dinov2:":                                     "dim is 0, want 1 to 8192",
		"dinov2:dim":                                  "dim= is not a whole number",
		"dinov2:dim=128,dim=128":                      "dim is given twice",
		"dinov2:dim=128,depth=1,heads=2,":             `"" is not one of the keys dim, depth,`,
		"dinov2:dim=128,depth=1,heads=2,width=3":      `"width" is not one of the keys`,
		"dinov2:dim=9000,depth=1,heads=2":             "dim is 9000, want 1 to 8192",
		"dinov2:dim=-1,depth=1,heads=2":               "dim is -1",
		"dinov2:dim=99999999999999999999":             "dim=99999999999999999999 is not a whole number",
		"dinov2:dim=128,depth=1,heads=3":              "128 channels cannot be split into 3 heads",
		"dinov2:dim=512,depth=1,heads=2":              "heads have 256 channels, want at most 128",
		"dinov2:dim=128,depth=1,heads=0":              "heads is 0, want 1 to 256",
		"dinov2:dim=128,depth=200,heads=2":            "depth is 200, want 1 to 128",
		"dinov2:dim=8192,depth=128,heads=128":         "parameters, want at most",
		"dinov2:dim=128,depth=1,heads=2,patch=65":     "patch is 65, want 1 to 64",
		"dinov2:dim=128,depth=1,heads=2,grid=0":       "grid is 0, want 1 to 256",
		"dinov2:dim=128,depth=1,heads=2,out=5":        "out is 5, want 0",
		"dinov2:dim=128,depth=1,heads=2,mlp=-4":       "mlp is -4",
		"dinov3:dim=128,depth=1,heads=2,grid=3":       "grid is 3, want 0",
		"dinov3:dim=12,depth=1,heads=2":               "heads have 6 channels, want a multiple of 4",
		"dinov3:dim=128,depth=1,heads=2,interp=hf":    `no learned positions that interp "hf"`,
		"dinov3:dim=128,depth=1,heads=2,swiglu=maybe": "swiglu=maybe is neither true nor false",
		"vit:dim=128,depth=1,heads=2,registers=1":     "registers is 1, want 0",
		"vit:dim=128,depth=1,heads=2,swiglu=1":        "swiglu is for dinov2 and dinov3",
		"vit:dim=128,depth=1,heads=2,gelu=none":       `gelu "none" is not one of erf, tanh, quick`,
		"vit:dim=128,depth=1,heads=2,eps=NaN":         "eps is NaN",
		"vit:dim=128,depth=1,heads=2,eps=0":           "eps is 0",
		"vit:dim=128,depth=1,heads=2,eps=x":           "eps=x is not a number",
		"vit:dim=128,depth=1,heads=2,interp=area":     `interp "area" is not one of hf, timm, hub`,
		"clip:dim=128,depth=1,heads=2":                `gelu "" is not one of erf, tanh, quick`,
		"dinov2_vits14:depth=0":                       "depth is 0",
		strings.Repeat("x", 500):                      "longer than 400 characters",
	} {
		if s, err := ParseSpec(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %+v, %v; want %q", text, s, err, want)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, p := range transformers {
		f.Add(p.name)
	}
	f.Add("dinov2:dim=128,depth=3,heads=2,patch=14,swiglu=true,eps=1e-7")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpec(text)
		if err != nil {
			return
		}
		if again, err := ParseSpec(s.Name()); err != nil || again != s {
			t.Errorf("%q: %+v becomes %+v by %q, %v", text, s, again, s.Name(), err)
		}
	})
}
