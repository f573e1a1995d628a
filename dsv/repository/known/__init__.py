"""What git knows: versions, events, runs, release tags, and the search index made from them."""
