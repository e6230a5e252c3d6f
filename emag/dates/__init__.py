"""The dates on which issues leave: the rhythm of the settings and what editors changed."""
