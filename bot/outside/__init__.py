"""The outside: texts for the status page, customers and the public, each approved by a person."""
