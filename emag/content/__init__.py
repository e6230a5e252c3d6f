"""What could go in."""
