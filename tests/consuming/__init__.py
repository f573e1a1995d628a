"""Projects that use datasets of other repositories."""
