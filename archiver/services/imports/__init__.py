"""Imports of data downloads: kept whole, read by `archiver.takeouts`, joined with what was captured."""
