"""Projects that use other repositories' datasets: their dsv.lock, and the data that it brings."""
