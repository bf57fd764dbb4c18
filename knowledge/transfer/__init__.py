"""Import and export: Markdown with front matter and JSON lines, in and out without loss; and the library that we ship."""

from knowledge.transfer.exporting import export_path
from knowledge.transfer.importing import import_path
from knowledge.transfer.library import install_library, install_sample, install_year
from knowledge.transfer.removing import remove_sample
from knowledge.transfer.report import Finding, Report
from knowledge.transfer.sources import Wishes
from knowledge.transfer.tables import template

__all__ = [
    "Finding",
    "Report",
    "Wishes",
    "export_path",
    "import_path",
    "install_library",
    "install_sample",
    "install_year",
    "remove_sample",
    "template",
]
