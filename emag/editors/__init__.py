"""Editors: the people who make the magazine, and what each of them may do at the desk."""
