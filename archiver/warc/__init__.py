"""WARC files (ISO 28500:2017): what the platforms answered, byte by byte.

``event`` what a capture hands over · ``writer`` puts it on disk · ``recovery`` mends the tail after a crash ·
``reader`` gives it back · ``http`` reads the messages inside · ``facts`` what is said beside them ·
``validator`` checks files and trusts nothing. The only home of warcio.
"""
