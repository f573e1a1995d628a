"""Versions for whoever uses them: found in a repository, at a path or at a URL, their files brought and verified."""
