"""Records: their canonical form, how files are read into them, and the index of a version's records."""
