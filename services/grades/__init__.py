"""Works, marks and the rule they are averaged by."""
