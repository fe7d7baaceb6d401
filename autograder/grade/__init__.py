"""Grade submissions: rebuild each from the trusted release, run it apart, judge it here, keep nbgrader's gradebook."""
