"""Reads what providers and mail servers report, and updates deliveries and readers."""
