"""One message: its edition, its MIME form and one copy per reader."""
