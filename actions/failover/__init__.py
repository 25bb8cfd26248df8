"""A service's name moved to another target, and back."""
