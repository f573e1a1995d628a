"""The texts that dsv writes into a user's repository."""
