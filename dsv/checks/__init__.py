"""Rules for manifests, given what they need; they know no repository."""
