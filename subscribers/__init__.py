"""The list: who reads, and what they agreed to."""
