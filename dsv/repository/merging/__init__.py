"""Two branches that both changed a dataset, merged record by record."""
