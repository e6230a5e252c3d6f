"""Links that readers will follow: what their addresses answered, and the port that asks them."""
