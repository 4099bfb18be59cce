"""Problems of requests about ontologies."""

from backend.problems import MaskloomError


class UnusableOntology(MaskloomError):
    """The ontology contradicts itself; `faults` says where and how."""

    status = 422
    title = "The ontology cannot be used"
    slug = "unusable-ontology"


class OntologyInUse(MaskloomError):
    """Something has what would go; `uses` says what. Say in `becomes` what takes its place."""

    status = 409
    title = "The ontology is in use"
    slug = "ontology-in-use"


class UnknownClass(MaskloomError):
    """The project says which classes its objects have."""

    status = 422
    title = "The project has no such class"
    slug = "unknown-class"


class UnknownAttribute(MaskloomError):
    """The project says which attributes objects, frames and videos have, and which values."""

    status = 422
    title = "The project has no such attribute or value"
    slug = "unknown-attribute"


class OntologyConflict(MaskloomError):
    """The ontology was changed since; the body has its current `version`."""

    status = 412
    title = "The ontology was changed meanwhile"
    slug = "ontology-conflict"
