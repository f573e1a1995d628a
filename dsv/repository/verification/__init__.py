"""Every place that holds bytes of a version, looked at by itself, and mended from another."""
