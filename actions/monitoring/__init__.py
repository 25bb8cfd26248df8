"""The monitors: looked at, and hushed for a while."""
