"""What the commits of a pull request do to datasets, as far as it can be told with what is at hand."""
