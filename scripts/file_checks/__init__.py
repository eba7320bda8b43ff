"""The checks of scripts/test_files.py, by the kind of program."""
