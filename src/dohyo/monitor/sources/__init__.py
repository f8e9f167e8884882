"""Where batches come from: a folder, a vector database, a Python program."""

from dohyo.monitor.sources.folder import FolderSource
from dohyo.monitor.sources.protocol import Known, Source
from dohyo.monitor.sources.store import StoreSource

__all__ = ["FolderSource", "Known", "Source", "StoreSource"]
