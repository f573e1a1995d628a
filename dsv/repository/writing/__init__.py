"""How anything changes in a repository: the lock, the journal, the one transaction, and what undoes it."""
