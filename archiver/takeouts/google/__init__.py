"""Google Takeout of a YouTube channel: what it wrote, what it uploaded, and the films themselves.

Names of folders, files and columns are in the account's language and the order of columns changes with the years. So a
table is known by the shape of the values in it: ids, times and texts look alike in every language.
"""
