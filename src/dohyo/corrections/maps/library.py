"""The maps a service holds: each under its own identity, whole or not at all."""

import re
import tempfile
from pathlib import Path
from typing import Any

from dohyo.corrections.map import AlignmentMap, load_map
from dohyo.corrections.maps.identity import map_identity
from dohyo.errors import MapError, UsageError
from dohyo.rollout.refusal import Refusal

IDENTITY = re.compile(r"[0-9a-f]{16}")
LETTERS = 16
FILES = ("map.json", "arrays.safetensors")


class Library:
    """A folder of maps, named by what they do; a caller's words never become a path.

    A map that another process adds is there for this one too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, AlignmentMap] = {}
        self._look()

    def __contains__(self, identity: str) -> bool:
        if identity not in self._held:
            self._look()
        return identity in self._held

    def add(self, fitted: AlignmentMap) -> str:
        """Keep a map; return its identity. One that is there already stays."""
        identity = map_identity(fitted)[:LETTERS]
        if identity not in self:
            try:
                fitted.save(self._folder / identity)
            except UsageError:
                if identity not in self:  # or else another process was quicker
                    raise
            self._held[identity] = fitted
        return identity

    def _look(self) -> None:
        """Load the maps that have come since."""
        for each in sorted(self._folder.glob("*")) if self._folder.is_dir() else ():
            if IDENTITY.fullmatch(each.name) and each.name not in self._held:
                self._held[each.name] = load_map(each)

    def take(self, files: dict[str, bytes]) -> str:
        """Check an uploaded map and keep it; return its identity.

        Raises
        ------
        Refusal
            400 if the two files are not there, or are no sound map.
        """
        if set(files) != set(FILES):
            raise Refusal(
                400,
                "bad_map",
                "A map is two files, map.json and arrays.safetensors.",
                hint="Send both as multipart/form-data, in fields map and arrays.",
            )
        with tempfile.TemporaryDirectory(prefix="dohyo-") as room:
            for name, content in files.items():
                (Path(room) / name).write_bytes(content)
            try:
                fitted = load_map(room)
            except MapError as error:
                told = error.what.replace(room, "The map")
                raise Refusal(400, "bad_map", told, hint=error.hint) from error
            except Exception as error:  # whatever a hostile file leads a reader to
                raise Refusal(
                    400, "bad_map", "The map cannot be read.", hint="Send what dohyo saved."
                ) from error
        return self.add(fitted)

    def get(self, identity: str) -> AlignmentMap:
        """Return a map.

        Raises
        ------
        Refusal
            404 if there is none of that identity.
        """
        if identity not in self:
            raise Refusal(404, "no_map", "There is no such map.", hint="GET /v1/maps lists them.")
        return self._held[identity]

    def listed(self) -> list[dict[str, Any]]:
        """Return what each map is."""
        self._look()
        return [
            {
                "map": identity,
                "method": fitted.method,
                "parameters": dict(fitted.parameters),
                "dimension": fitted.dimension,
                "width": fitted.width,
                "encoder": fitted.encoder,
                "reasons": list(fitted.reasons),
            }
            for identity, fitted in sorted(self._held.items())
        ]
