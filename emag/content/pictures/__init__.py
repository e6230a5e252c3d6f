"""Pictures that emag serves itself: the port that fetches them, and their files in the database."""
