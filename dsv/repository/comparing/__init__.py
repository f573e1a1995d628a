"""Versions and the work tree side by side: their indexes, their files, examples, statistics and explanations."""
