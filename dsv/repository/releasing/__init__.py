"""From a decision to a release, and releases of the past made again."""
