"""What a version is held against before it is released: the lines of `checks` in dataset.yaml and what goes with them.

A check says what it wants to know of each record, as an `Inspection` of dsv.records.inspection, which the scan answers
in its one pass; and how it comes out for a version. Where anything that is wrong with a record is one too many, a
`RecordCheck` with such an inspection is all there is to write.
"""
