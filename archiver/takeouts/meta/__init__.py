"""Meta's "Download your information": Facebook pages and Instagram accounts, in JSON.

Neither has ids, permalinks or what others wrote below posts; both break the encoding of texts (see
`archiver.takeouts.repair`). Layouts differ by date and language, so files are known by what stands in them.
"""
