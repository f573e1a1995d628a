"""Other repositories, of which the metadata is read."""
