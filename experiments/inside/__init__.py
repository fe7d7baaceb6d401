"""A small attention-only model that learns to copy, and what is measured inside it, for chapter 11."""
