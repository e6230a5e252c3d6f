"""Prints an issue: HTML, plain text, and the marks of its topics."""
