"""Content: the sources, and the pool of their stories."""
