package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

func manCommand() *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "write man pages, one for the program and one for each command",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` for the pages, such as one called man1", EnvVars: env("out")},
			&cli.BoolFlag{
				Name: "markdown", Usage: "write a page of Markdown for each command instead, as in docs/commands", EnvVars: env("markdown"),
			},
		},
		OnUsageError: usageError,
		Action:       writeManual,
	}
}

func writeManual(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	dir := c.String("out")
	if dir == "" {
		return setting.Usage("--out is missing: name the folder for the pages")
	}
	if c.Bool("markdown") {
		list := markdownPages(app(""))
		return writePages(c, dir, list, fmt.Sprintf("%d pages in %s\n", len(list), dir))
	}
	list := map[string]string{}
	for name, page := range manPages(app("")) {
		list[name+".1"] = page
	}
	return writePages(c, dir, list, fmt.Sprintf("%d man pages in %s; man -l %s shows the first\n",
		len(list), dir, filepath.Join(dir, c.App.Name+".1")))
}

// writePages writes the pages, by file name, into the folder, and prints how many they are, or the text.
func writePages(c *cli.Context, dir string, pages map[string]string, text string) error {
	if err := disk.MakeDir(dir); err != nil {
		return baddata.Errorf("--out %s cannot be created: %w", dir, err)
	}
	for name, page := range pages {
		file := filepath.Join(dir, name)
		if err := disk.Replace(file, []byte(page)); err != nil {
			return baddata.Errorf("%s cannot be written: %w", file, err)
		}
	}
	return printResultOr(c, len(pages), text)
}

// manPages are the pages of the program and of all its visible commands, by name. They are written here and not by the cli package,
// whose pages leave out descriptions and pass texts such as *.png through Markdown.
func manPages(a *cli.App) map[string]string {
	pages := map[string]string{}
	p := newPage(a, a.Name, a.Usage)
	p.section("SYNOPSIS", a.Name+" COMMAND [options]")
	p.section("DESCRIPTION", a.Description)
	p.commands(a.Name, a.Commands)
	pages[a.Name] = p.String()
	for _, c := range a.Commands {
		manOf(pages, a, a.Name, c)
	}
	return pages
}

// manOf adds the pages of a command and its subcommands; above is what is written before its name.
func manOf(pages map[string]string, a *cli.App, above string, c *cli.Command) {
	if c.Hidden || c.Name == "help" {
		return
	}
	words := above + " " + c.Name
	name := strings.ReplaceAll(words, " ", "-")
	p := newPage(a, name, c.Usage)
	if len(c.Subcommands) > 0 {
		p.section("SYNOPSIS", words+" COMMAND [options]")
	} else {
		p.section("SYNOPSIS", strings.TrimSpace(words+" [options] "+c.ArgsUsage))
	}
	if c.Description != "" {
		p.section("DESCRIPTION", c.Description)
	}
	p.commands(words, c.Subcommands)
	p.options(c)
	if entry, ok := manual[words[len(a.Name)+1:]]; ok {
		p.about(entry)
	}
	p.section("SEE ALSO", a.Name+"(1)")
	pages[name] = p.String()
	for _, sub := range c.Subcommands {
		manOf(pages, a, words, sub)
	}
}

// page is a man page in the making.
type page struct{ strings.Builder }

func newPage(a *cli.App, name, usage string) *page {
	p := &page{}
	fmt.Fprintf(p, ".TH %s 1 \"\" \"%s\" \"\"\n", strings.ToUpper(manText(name)), manText(a.Name+" "+a.Version))
	fmt.Fprintf(p, ".SH NAME\n%s \\- %s\n", manText(name), manText(usage))
	return p
}

// section writes paragraphs; those that are indented, such as examples, keep their lines.
func (p *page) section(title, text string) {
	fmt.Fprintf(p, ".SH %s\n", title)
	for i, part := range strings.Split(text, "\n\n") {
		if i > 0 {
			p.WriteString(".PP\n")
		}
		if strings.HasPrefix(part, "  ") || strings.Contains(part, "\n") {
			fmt.Fprintf(p, ".nf\n%s\n.fi\n", manText(part))
			continue
		}
		fmt.Fprintf(p, "%s\n", manText(part))
	}
}

func (p *page) commands(above string, list []*cli.Command) {
	if len(list) == 0 {
		return
	}
	p.WriteString(".SH COMMANDS\n")
	for _, c := range list {
		if !c.Hidden && c.Name != "help" {
			fmt.Fprintf(p, ".TP\n.B %s\n%s\n", manText(above+" "+c.Name), manText(c.Usage))
		}
	}
}

// options lists the flags under the headings of --help.
func (p *page) options(c *cli.Command) {
	if len(c.VisibleFlags()) == 0 {
		return
	}
	p.WriteString(".SH OPTIONS\n")
	for _, group := range flagGroups(c) {
		if group.name != "" {
			fmt.Fprintf(p, ".SS %s\n", manText(group.name))
		}
		for _, f := range group.flags {
			left, right, _ := strings.Cut(fmt.Sprint(f), "\t")
			fmt.Fprintf(p, ".TP\n.B %s\n%s\n", manText(left), manText(right))
		}
	}
}

// flagGroup is a heading of --help, "" for none, with its flags.
type flagGroup struct {
	name  string
	flags []cli.Flag
}

// flagGroups are the visible flags of a command as --help shows them, without --help itself. The cli package gives groups only to
// commands that have a flag with a heading.
func flagGroups(c *cli.Command) []flagGroup {
	var groups []flagGroup
	for _, f := range c.VisibleFlags() {
		name := ""
		if g, ok := f.(cli.CategorizableFlag); ok {
			name = g.GetCategory()
		}
		at := slices.IndexFunc(groups, func(g flagGroup) bool { return g.name == name })
		if at < 0 {
			at = len(groups)
			groups = append(groups, flagGroup{name: name})
		}
		groups[at].flags = append(groups[at].flags, f)
	}
	slices.SortFunc(groups, func(a, b flagGroup) int { return strings.Compare(a.name, b.name) })
	for _, g := range groups {
		slices.SortFunc(g.flags, func(a, b cli.Flag) int { return strings.Compare(a.Names()[0], b.Names()[0]) })
	}
	return groups
}

// about lists the files that a command writes and its exit codes.
func (p *page) about(entry about) {
	list := func(title string, rows [][2]string) {
		if len(rows) > 0 {
			fmt.Fprintf(p, ".SH %s\n", title)
		}
		for _, r := range rows {
			fmt.Fprintf(p, ".TP\n.B %s\n%s\n", manText(strings.ReplaceAll(r[0], "`", "")), manText(strings.ReplaceAll(r[1], "`", "")))
		}
	}
	list("FILES", entry.files)
	list("EXIT STATUS", codeRows(entry.codes))
}

// manText is a text in the language of man pages. No line begins with its commands.
func manText(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\t", " ").Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
