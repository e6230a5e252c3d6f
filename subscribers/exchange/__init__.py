"""Import and export, one file per format."""

from subscribers.exchange.exporting import export
from subscribers.exchange.importing import import_file
from subscribers.exchange.row import ImportResult
from subscribers.exchange.undo import undo_import

__all__ = ["ImportResult", "export", "import_file", "undo_import"]
