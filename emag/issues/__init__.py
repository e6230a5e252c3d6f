"""Issues: which stories are in, in which order, and how far each issue is."""
