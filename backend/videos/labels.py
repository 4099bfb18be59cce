"""The labels that a project requires of a video: its environment, and attributes of its ontology."""

from backend.ontology.schemas import AttributeScope, Ontology
from backend.ontology.values import missed
from backend.tables import Project, Video


def missing_labels(project: Project, ontology: Ontology, video: Video) -> list[str]:
    """The names of the labels that are required and that the video lacks."""
    environment = ["environment"] if project.needs_environment and not video.environment else []
    return environment + missed(ontology, video.attributes, AttributeScope.video)
