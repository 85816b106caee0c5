"""What a library knows of its books: tag contents, call numbers, shelf lists. Pure."""
