"""Faults at every step of every command that changes something: what dsv and its git do is counted and cut short."""
