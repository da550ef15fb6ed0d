"""Copies of the whole archive, and getting it back from one (records rule R36; docs/decisions/0085-backups.md)."""
