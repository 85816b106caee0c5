"""A library that is not there: a cart before shelves of books, doors and rooms, by physics and by a seed."""
