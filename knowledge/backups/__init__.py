"""Copies of everything in one file that restores on either engine: taken while others write, checked before it is believed."""

from knowledge.backups.checking import Backup, Damaged, opened
from knowledge.backups.parts import Manifest, Part
from knowledge.backups.restoring import is_empty, refuse_newer, refuse_tables, restore
from knowledge.backups.taking import take

__all__ = [
    "Backup",
    "Damaged",
    "Manifest",
    "Part",
    "is_empty",
    "opened",
    "refuse_newer",
    "refuse_tables",
    "restore",
    "take",
]
