"""What `dsv check` asks of a repository, gathered for the rules of dsv.checks, which know none."""
