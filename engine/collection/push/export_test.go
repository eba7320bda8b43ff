package push

// For tests in package push_test, which may import convert.
var (
	Database, RunIt, Dump, Program, Query = database, run, dump, program, query
	Hostile                               = hostile
)
