"""The live board: what the library looks like now, in a browser, from the records that the daemon makes."""
