"""One message: its encoded document, its MIME form and one copy per reader."""
