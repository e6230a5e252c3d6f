"""What does go in."""
