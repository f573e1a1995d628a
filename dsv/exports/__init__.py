"""What dsv knows, in the forms of other programs: given values, they return text and know no repository."""
