"""Fair search over images and texts in a vector database: `open_search`."""

from dohyo.search.answer import Answer, Found
from dohyo.search.mixed import MixedSearch, open_search

__all__ = ["Answer", "Found", "MixedSearch", "open_search"]
