package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
)

// markdownPages are the pages of docs/commands, by file name: one for each visible command, with its subcommands.
func markdownPages(a *cli.App) map[string]string {
	list := map[string]string{}
	for _, c := range a.Commands {
		if c.Hidden || c.Name == "help" {
			continue
		}
		list[c.Name+".md"] = markdownPage(a.Name, c)
	}
	return list
}

// markdownPage is the page of a command of that program.
func markdownPage(program string, c *cli.Command) string {
	var b strings.Builder
	about := manual[c.Name]
	fmt.Fprintf(&b, "# %s %s\n\n<!-- Written by `make pages`. -->\n\n%s\n\n", program, c.Name, about.purpose)
	if len(c.Subcommands) == 0 {
		writeCommand(&b, program, c, "##")
	}
	for _, sub := range c.Subcommands {
		if !sub.Hidden && sub.Name != "help" {
			fmt.Fprintf(&b, "## %s %s\n\n%s.\n\n", c.Name, sub.Name, capital(markdownText(sub.Usage)))
			writeCommand(&b, program+" "+c.Name, sub, "###")
		}
	}
	writePairs(&b, "## Files that it writes\n\n| file | holds |", about.files)
	writePairs(&b, "## Exit codes\n\n| code | means |", codeRows(about.codes))
	writeLinks(&b, about.more)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// writeCommand writes examples, description and flags of a command; above is what is written before its name.
func writeCommand(b *strings.Builder, above string, c *cli.Command, heading string) {
	words := above + " " + c.Name
	_, key, _ := strings.Cut(words, " ")
	fmt.Fprintf(b, "```\n%s\n```\n\n", strings.Join(examples[key], "\n"))
	description, _, _ := strings.Cut(c.Description, "Example")
	for _, part := range strings.Split(strings.TrimSpace(description), "\n\n") {
		first, list, several := strings.Cut(part, "\n")
		switch {
		case several:
			fmt.Fprintf(b, "%s\n\n```\n%s\n```\n\n", markdownText(first), strings.TrimRight(list, "\n"))
		case part != "":
			fmt.Fprintf(b, "%s\n\n", markdownText(part))
		}
	}
	usage := words + " [flags] " + c.ArgsUsage
	if len(c.VisibleFlags()) == 0 {
		usage = words + " " + c.ArgsUsage
	}
	fmt.Fprintf(b, "Usage: `%s`\n\n", strings.TrimSpace(usage))
	if len(c.VisibleFlags()) > 0 {
		fmt.Fprintf(b, "%s Flags\n\n", heading)
		writeFlags(b, c, heading+"#")
	}
}

// writeFlags writes the flags under the headings of --help.
func writeFlags(b *strings.Builder, c *cli.Command, heading string) {
	for _, group := range flagGroups(c) {
		if group.name != "" {
			fmt.Fprintf(b, "%s %s\n\n", heading, capital(group.name))
		}
		b.WriteString("| flag | default | meaning |\n|---|---|---|\n")
		for _, f := range group.flags {
			if d, ok := f.(cli.DocGenerationFlag); ok {
				usage, standard := flagTexts(d)
				fmt.Fprintf(b, "| `%s` | %s | %s |\n", flagWord(d), standard, usage)
			}
		}
		b.WriteString("\n")
	}
}

var (
	placeholder  = regexp.MustCompile("`([^`]+)`")
	defaultInUse = regexp.MustCompile(`\s*\(default: ([^()]*)\)`)
)

// flagWord is the flag with what stands for its value.
func flagWord(f cli.DocGenerationFlag) string {
	word := "--" + f.Names()[0]
	if word == "--0" {
		word = "-0" // as other programs call it
	}
	if g, ok := f.(*cli.GenericFlag); ok {
		if _, bare := g.Value.(*bareText); bare {
			return word + "[=VALUE]"
		}
	}
	if !f.TakesValue() {
		return word
	}
	if m := placeholder.FindStringSubmatch(f.GetUsage()); m != nil {
		return word + " " + m[1]
	}
	return word + " VALUE"
}

// flagTexts are what a flag means and its default, which its description may put in words.
func flagTexts(f cli.DocGenerationFlag) (usage, standard string) {
	usage = placeholder.ReplaceAllString(f.GetUsage(), "$1")
	if m := defaultInUse.FindStringSubmatch(usage); m != nil {
		return markdownText(defaultInUse.ReplaceAllString(usage, "")), markdownText(m[1])
	}
	standard = strings.Trim(f.GetDefaultText(), `"`)
	if !f.TakesValue() && standard == "false" {
		standard = "" // off
	}
	return markdownText(usage), markdownText(standard)
}

// writePairs writes a table of two columns below its head; of no rows, nothing.
func writePairs(b *strings.Builder, head string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	b.WriteString(head + "\n|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", r[0], r[1])
	}
	b.WriteString("\n")
}

// writeLinks names the documents that say more.
func writeLinks(b *strings.Builder, documents []string) {
	if len(documents) == 0 {
		return
	}
	links := make([]string, len(documents))
	for i, d := range documents {
		name, _, _ := strings.Cut(d, "#")
		links[i] = fmt.Sprintf("[%s](%s)", name, path.Join("..", d))
	}
	fmt.Fprintf(b, "More: %s\n", strings.Join(links, ", "))
}

// markdownText is a text in which nothing is taken for Markdown, also within a table.
func markdownText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
		"<", "&lt;", ">", "&gt;", "\n", " ").Replace(text)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
