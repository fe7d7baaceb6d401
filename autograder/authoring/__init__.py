"""From the hand-written sources of a chapter to its notebooks and reference outputs."""
