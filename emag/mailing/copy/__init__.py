"""One message: the encoded document, its MIME form and one copy per reader."""
