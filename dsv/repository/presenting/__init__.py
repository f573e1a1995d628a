"""What pages about datasets show: facts out of git and the index, and records out of the data that is here."""
