package convert

// writeLightly writes the table and a program with an embedder for LightlyStudio that looks vectors up by path.
func writeLightly(j *job) error {
	if err := j.writeTable(j.in("vectors.parquet")); err != nil {
		return err
	}
	return j.writeSnippet("lightly.py", "load.py", "ROOT_LITERAL", j.root(), "SPACE_LITERAL", literal("udml-gpu/"+j.about().Model),
		"DIM_LITERAL", literal(j.c.Dim()))
}
