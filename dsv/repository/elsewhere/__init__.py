"""Other repositories whose metadata is read here: which, where their clones lie, and as of when."""
