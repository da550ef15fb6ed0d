"""Which kind a record is: from whose it is, what it answers and whose thread that is (design 5.4)."""

from __future__ import annotations

from archiver.domain.item import Form, Kind
from archiver.domain.keys import Key, platform_of

_BY_FORM = {
    Form.SHARE: Kind.SHARE,
    Form.PROFILE: Kind.PROFILE,
    Form.STORY: Kind.STORY,
    Form.MESSAGE: Kind.MESSAGE,
    Form.REVIEW: Kind.REVIEW,
    Form.CHAT: Kind.CHAT,
}
_ANSWERS = {Kind.COMMENT, Kind.REPLY, Kind.MENTION}
HOSTS = frozenset({"facebook"})
"""Platforms on which others write on the account's own page, and a share is a post with answers of its own."""


def kind_of(
    form: Form,
    *,
    own: bool,
    parent: Key | None,
    thread: Key,
    thread_is_own: bool | None,
    quotes: Key | None,
    mentions_account: bool,
) -> Kind:
    """The kind of a record.

    ``own``: the account wrote it. ``thread_is_own``: the account wrote the root (None: not known yet).
    An answer right below a post of the account is a comment, whoever gave it; a deeper one, and any answer
    in somebody else's thread, is a reply. Whoever only names the account from elsewhere, or from a thread of which
    no more is known yet, is a mention.
    """
    if form in _BY_FORM:
        return _BY_FORM[form]
    if parent is None:
        if quotes is not None:
            return Kind.QUOTE
        return Kind.MENTION if mentions_account and not own else Kind.POST
    if thread_is_own and parent == thread:
        return Kind.COMMENT
    if not thread_is_own and not own and mentions_account:
        return Kind.MENTION
    return Kind.REPLY


def kind_after(
    known: Kind,
    *,
    own: bool,
    parent: Key | None,
    thread: Key,
    thread_is_own: bool | None,
    quotes: Key | None,
    mentions_account: bool,
) -> Kind:
    """The kind of a record that was taken for ``known``, now that more is known of where it stands.

    ``mentions_account`` False: the source at hand does not say so; a mention has said so before. As long as nothing
    tells whose the thread is, an answer stays what it was taken for, only that no comment is deeper than right below
    the root.
    """
    if known in _BY_FORM.values():
        return known
    if parent is not None and thread_is_own is None and known in _ANSWERS:
        return Kind.REPLY if known is Kind.COMMENT and parent != thread else known
    return kind_of(
        Form.POST,
        own=own,
        parent=parent,
        thread=thread,
        thread_is_own=thread_is_own,
        quotes=quotes,
        mentions_account=mentions_account or known is Kind.MENTION,
    )


def has_thread_here(key: Key, kind: Kind, *, own: bool, root: bool, thread_is_own: bool | None) -> bool:
    """Whether what is below a record is the account's to capture, and no visit of another record shows it.

    What the account wrote is visited, and on some platforms (`HOSTS`) whatever stands on its page or names it: a
    visitor's post on the page may name it, too. ``root``: it is the root of its thread.
    """
    hosted = kind in {Kind.POST, Kind.QUOTE, Kind.SHARE} or (kind is Kind.MENTION and root)
    if platform_of(key) in HOSTS:
        return hosted
    return own and (kind in {Kind.POST, Kind.QUOTE} or (kind is Kind.REPLY and thread_is_own is not True))
