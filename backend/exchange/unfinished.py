"""What a command notes beside its target, so that it goes on where it was stopped: the export, and what has arrived."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4


class Unfinished:
    """An export on its way to a target. The same order for the same target is the same export."""

    def __init__(self, target: Path, order: dict[str, Any]) -> None:
        self._note = target.with_name(f"{target.name}.unfinished.json")
        self.partial = target.with_name(f"{target.name}.unfinished.zip")
        self._order = order
        self.key = self._known() or self.renew()

    def renew(self) -> UUID:
        """Begin another export, for the one that was noted is not there any more. Returns its id."""
        self.partial.unlink(missing_ok=True)
        self.key = uuid4()
        self._note.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(json.dumps({"export": str(self.key), "order": self._order}))
        return self.key

    def end(self) -> None:
        self.partial.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _known(self) -> UUID | None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            noted = json.loads(self._note.read_text())
            if noted["order"] == self._order:
                return UUID(noted["export"])
        return None
