"""What dsv does, one verb a file: gather, decide, record. Nothing here prints."""
