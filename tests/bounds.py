"""What a JSON Schema leaves without a bound."""

from collections.abc import Iterator, Mapping
from typing import Any

_FORMATS = {"uuid", "date-time", "binary"}  # their readers refuse what is too long
_BOUNDS = {
    "integer": ("maximum", "exclusiveMaximum"),
    "number": ("maximum", "exclusiveMaximum"),
    "string": ("maxLength",),
    "array": ("maxItems",),
}


def unbounded(
    schema: Mapping[str, Any], place: str, schemas: Mapping[str, Any], seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Every number without a maximum and every text, list or mapping without a length, with its place.

    `schemas` are those that it refers to, by name.
    """
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name:
        if name not in seen:
            yield from unbounded(schemas[name], place, schemas, seen | {name})
        return
    fixed = "enum" in schema or "const" in schema or "pattern" in schema or schema.get("format") in _FORMATS
    wanted = _BOUNDS.get(schema.get("type", ""), ())
    if wanted and not fixed and not any(each in schema for each in wanted):
        yield f"{place}: {wanted[0]}"
    for part in [each for of in ("anyOf", "oneOf", "allOf", "prefixItems") for each in schema.get(of, [])]:
        yield from unbounded(part, place, schemas, seen)
    for field, part in schema.get("properties", {}).items():
        yield from unbounded(part, f"{place}.{field}", schemas, seen)
    for field in ("items", "additionalProperties"):
        if isinstance(schema.get(field), dict):
            yield from unbounded(schema[field], f"{place}[]", schemas, seen)
