"""Prose: by-lines, furniture, sentences and summaries of articles, as pure rules."""
