"""Edge daemon of a library: reads antennas, doors and rooms; works out books and people; delivers both."""

__version__ = "0.1.0"
