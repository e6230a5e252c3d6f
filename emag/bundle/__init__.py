"""The sealed bundle of an issue: what was approved, as files that anybody can check and rebuild."""
