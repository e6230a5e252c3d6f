"""The command line: parses what a person types, calls one verb and prints."""
