"""Exports: plain rows in, files out; one module per format. Knows no store."""
