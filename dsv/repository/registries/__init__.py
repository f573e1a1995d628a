"""Registries in databases, and how what they hold becomes versions here."""
