"""The review classifier of chapter 03: two bidirectional LSTM layers with additive attention."""
