"""Many commands at once in one repository: each does its work or is refused, and nothing is half done."""
