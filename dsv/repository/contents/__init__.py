"""What the data in the work tree is: walked, scanned, kept for the next look, and compared by record indexes."""
