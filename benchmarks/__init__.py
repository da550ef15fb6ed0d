"""What the archiver costs, measured against the least that the same work can cost on the same machine."""
