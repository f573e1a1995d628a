"""Bytes on their way: to and from remotes, out of the cache, into the work tree."""
