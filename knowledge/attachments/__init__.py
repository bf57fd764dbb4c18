"""Attachments: pictures and files of entries, recognised by their content, and the bytes behind them."""

from knowledge.attachments.attaching import (
    Attachment,
    AttachmentRow,
    Changes,
    Limits,
    attach,
    author_of,
    by_uid,
    entry_of,
    named,
    of_entry,
    remove,
    replace,
    require_editing,
    sizes,
    tidy,
    update,
)
from knowledge.attachments.contents import Content, Incoming, Store, store_at, store_of
from knowledge.attachments.recognising import INLINE, Recognised, recognise

__all__ = [
    "INLINE",
    "Attachment",
    "AttachmentRow",
    "Changes",
    "Content",
    "Incoming",
    "Limits",
    "Recognised",
    "Store",
    "attach",
    "author_of",
    "by_uid",
    "entry_of",
    "named",
    "of_entry",
    "recognise",
    "remove",
    "replace",
    "require_editing",
    "sizes",
    "store_at",
    "store_of",
    "tidy",
    "update",
]
