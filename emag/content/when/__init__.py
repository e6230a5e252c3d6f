"""Reads days and times of day: in running text, English and Welsh, and as programs write them."""
