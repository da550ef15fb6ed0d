"""A records-retention archiver for the social media accounts of a city."""

__version__ = "0.1.0"
