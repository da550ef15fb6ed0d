"""The use cases, where the parts meet."""
