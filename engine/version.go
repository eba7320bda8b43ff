package engine

// Version is that of the program. It is raised with every change of what a run directory holds.
const Version = "0.2.0"
