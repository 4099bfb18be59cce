"""Bodies of responses about phases."""

from pydantic import BaseModel, Field

from backend.phases.rules import Tool
from backend.tables.states import Phase


class PhaseRead(BaseModel):
    """A phase of the data engine and its tools. A request that needs another tool gets `phase-forbids`."""

    phase: Phase
    number: int = Field(description="1 to 3, as in the paper.")
    title: str
    summary: str
    tools: list[Tool] = Field(
        description="Without `refine`, clicks and boxes see only their own frame, and replace a tracked mask."
    )
