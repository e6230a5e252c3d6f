"""The pages of stories on the web: the port that asks them, and what they add to a feed."""
