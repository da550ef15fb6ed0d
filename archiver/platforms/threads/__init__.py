"""Threads: the account's posts and answers, the conversations below them, and what mentions the account."""

from archiver.platforms.threads.adapter import ThreadsAdapter

__all__ = ["ThreadsAdapter"]
