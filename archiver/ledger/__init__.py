"""What makes a later change show: the archive's key and what it signs."""
