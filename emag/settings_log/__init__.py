"""The record of who changed the publication's settings and texts, and from what to what."""
