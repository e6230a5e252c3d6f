"""Reads what providers and mail servers report, and settles the deliveries concerned."""
