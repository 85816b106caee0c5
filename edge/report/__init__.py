"""Reports of stock-takes: documents, tables, letters."""
