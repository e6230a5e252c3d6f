"""Import and export, one file per format."""

from subscribers.exchange.dump import dump
from subscribers.exchange.load import load
from subscribers.exchange.row import Loaded
from subscribers.exchange.undo import undo

__all__ = ["Loaded", "dump", "load", "undo"]
