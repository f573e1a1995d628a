"""What exports are told of a version, and where what they make goes."""
