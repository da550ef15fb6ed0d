"""Which kind a record is: from whose it is, what it answers and whose thread that is (design 5.4)."""

from __future__ import annotations

from archiver.domain.item import Form, Kind
from archiver.domain.keys import Key

_BY_FORM = {
    Form.SHARE: Kind.SHARE,
    Form.PROFILE: Kind.PROFILE,
    Form.STORY: Kind.STORY,
    Form.MESSAGE: Kind.MESSAGE,
    Form.REVIEW: Kind.REVIEW,
    Form.CHAT: Kind.CHAT,
}


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
    in somebody else's thread, is a reply. Whoever only names the account from elsewhere is a mention.
    """
    if form in _BY_FORM:
        return _BY_FORM[form]
    if parent is None:
        if quotes is not None:
            return Kind.QUOTE
        return Kind.MENTION if mentions_account and not own else Kind.POST
    if thread_is_own and parent == thread:
        return Kind.COMMENT
    if thread_is_own is False and not own and mentions_account:
        return Kind.MENTION
    return Kind.REPLY
