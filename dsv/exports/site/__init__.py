"""Pages about datasets: a report of one version, and a catalogue of all of them that needs no server."""
