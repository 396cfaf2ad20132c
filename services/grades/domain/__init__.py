"""The rules of marks, pure: `scales` (what a cell may say), `average`, `rule` and `work` (the two aggregates)."""
