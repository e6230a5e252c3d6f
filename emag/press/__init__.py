"""How it is printed."""
