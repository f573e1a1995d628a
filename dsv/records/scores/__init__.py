"""Scores of records: the file that holds them, how they are taken in, merged, summed up and read."""
