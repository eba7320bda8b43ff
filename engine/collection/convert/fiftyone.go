package convert

// writeFiftyOne writes the table and a program that gives its vectors to the samples of a FiftyOne dataset with the same paths: FiftyOne
// has no file format for them.
func writeFiftyOne(j *job) error {
	if err := j.writeTable(j.in("vectors.parquet")); err != nil {
		return err
	}
	return j.writeSnippet("fiftyone.py", "load.py", "ROOT_LITERAL", j.root())
}
