"""Import and export, one file per format."""

from subscribers.exchange.exporting import ExportFormat, export, export_file
from subscribers.exchange.importing import import_file
from subscribers.exchange.past import PastImport, past_import, past_imports
from subscribers.exchange.recognise import NAMES as FORMAT_NAMES
from subscribers.exchange.row import ImportResult
from subscribers.exchange.undo import UndoResult, undo_import

__all__ = [
    "FORMAT_NAMES",
    "ExportFormat",
    "ImportResult",
    "PastImport",
    "UndoResult",
    "export",
    "export_file",
    "import_file",
    "past_import",
    "past_imports",
    "undo_import",
]
