"""When, and who runs it."""
