"""The Transformer of chapter 7 as the experiments use it, and its decoder with cached keys and values."""
