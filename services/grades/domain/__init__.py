"""The rules of marks, pure: `scales` (what a cell may say), `rule`, and `work` with its `marks`."""
