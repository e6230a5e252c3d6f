"""Sends a frozen issue: addresses it, claims deliveries, sends them and records the outcomes."""
