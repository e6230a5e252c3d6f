"""Produces an email magazine: from feeds to issues, and from issues to inboxes."""

__version__ = "0.2.0"
