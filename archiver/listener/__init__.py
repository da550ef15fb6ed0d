"""Receiving what platforms push: HTTP behind a proxy, signatures, and the way into WARC files.

It knows no store and no platform: what a delivery means is read later, by the process that collects.
"""
