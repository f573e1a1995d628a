"""Registries of datasets in databases, brought in."""
