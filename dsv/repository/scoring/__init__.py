"""Scores of records: the files that git points to and DVC keeps, and what they come to in a version."""
