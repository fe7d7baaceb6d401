"""Search within the book: sections, titles first, offline, from a disk too."""
