"""All figures by name. The insights page shows each with the component of the same name."""

from backend.insights.figures.figure import Figure
from backend.insights.figures.people_weeks import PEOPLE_WEEKS
from backend.insights.figures.phase_table import PHASE_TABLE
from backend.insights.figures.waiting_time import WAITING_TIME

FIGURES: dict[str, Figure] = {figure.name: figure for figure in (PHASE_TABLE, WAITING_TIME, PEOPLE_WEEKS)}
