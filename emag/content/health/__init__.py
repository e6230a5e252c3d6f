"""The health of sources: how each of their reads went, and what is wrong with them as a whole."""
