"""Changes grades by decision: a question dropped, other points, an answer accepted, more time, a mended check."""
