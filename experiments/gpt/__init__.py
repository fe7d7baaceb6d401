"""A small GPT on English sentences, and n-grams to compare it with; `experiments/tiny_gpt.py` is the command."""
