"""The outside tools, one a package: git, DVC, and the SQLite index."""
