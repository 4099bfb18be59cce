"""Export formats by name. To add one, add a file beside this one and a line below."""

from backend.datasets.formats.format import ExportFormat
from backend.datasets.formats.sa_v import SaV

FORMATS: dict[str, ExportFormat] = {entry.name: entry for entry in (SaV(),)}
