"""Runs: what they used, the code and the model, and where that is recorded."""
