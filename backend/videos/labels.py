"""The labels of a video: its environment and the attributes that its project declares."""

from collections.abc import Mapping

from backend.tables import Project, Video
from backend.videos.problems import UnknownAttribute


def labelled(project: Project, video: Video, changes: Mapping[str, str]) -> dict[str, str]:
    """The video's attributes after a change. An empty value removes an attribute.

    Raises:
        UnknownAttribute: the project does not declare such an attribute or value.
    """
    values = {str(each["key"]): [str(value) for value in each["values"]] for each in project.attributes}
    for key, value in changes.items():
        if key not in values:
            raise UnknownAttribute(f"The project declares no attribute {key!r}.")
        if value and value not in values[key]:
            raise UnknownAttribute(f"{key!r} is one of: {', '.join(values[key])}.")
    return {key: value for key, value in {**video.attributes, **changes}.items() if value}


def missing_labels(project: Project, video: Video) -> list[str]:
    """The keys of the labels that the project requires and the video lacks."""
    required = [str(each["key"]) for each in project.attributes if each["required"]]
    missing = [key for key in required if key not in video.attributes]
    return (["environment"] if project.needs_environment and not video.environment else []) + missing
