"""How routes about a project find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.projects.problems import ProjectNotFound
from backend.tables import Project

PROJECT = Resource("project", id=Project.id, project_id=Project.id, not_found=ProjectNotFound)
