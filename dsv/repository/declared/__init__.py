"""What datasets are by their dataset.yaml, where they lie, and the pointers to their data."""
