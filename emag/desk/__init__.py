"""The editor's verbs."""
