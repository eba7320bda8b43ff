"""The checks of scripts/test_export.py, by the kind of file."""
