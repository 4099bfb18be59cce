"""The route that lists the phases and their tools."""

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.permissions import Permission
from backend.phases.rules import PHASES, Tool
from backend.phases.schemas import PhaseRead

router = APIRouter(prefix="/api", tags=["phases"])


@router.get("/phases", dependencies=[access(Permission.view)])
async def list_phases() -> list[PhaseRead]:
    """The three phases and their tools."""
    return [
        PhaseRead(
            phase=rules.phase,
            number=rules.number,
            title=rules.title,
            summary=rules.summary,
            tools=[tool for tool in Tool if tool in rules.tools],
        )
        for rules in PHASES.values()
    ]
