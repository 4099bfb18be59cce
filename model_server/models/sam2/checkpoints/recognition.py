"""Recognises a network by the names and shapes of its weights, or reports how the nearest known one differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import torch

from model_server.models.problems import WrongArchitecture
from model_server.models.sam2.checkpoints.family import NetworkFamily
from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.sam2 import Sam2

Shapes = Mapping[str, tuple[int, ...]]
_MOST_NAMED = 3
_LARGEST_IMAGE = 4096  # pixels


@dataclass(frozen=True, slots=True)
class Difference:
    """The names in which a file and a network differ."""

    missing: list[str]
    unknown: list[str]
    reshaped: list[str]

    def __len__(self) -> int:
        return len(self.missing) + len(self.unknown) + len(self.reshaped)

    def __str__(self) -> str:
        kinds = (("missing", self.missing), ("unknown", self.unknown), ("of another shape", self.reshaped))
        return "; ".join(f"{len(names)} {kind}: {_some(names)}" for kind, names in kinds if names)


def recognise(shapes: Shapes, family: NetworkFamily) -> Sam2Config:
    """The preset with exactly these names and shapes. Raises WrongArchitecture if there is none, naming the nearest."""
    expected = {config: expected_shapes(config, family.network) for config in family.presets}
    for config, its_own in expected.items():
        if shapes == its_own:
            return config
    nearest = min(expected, key=lambda config: len(difference(shapes, expected[config])))
    found = difference(shapes, expected[nearest])
    if len(found.missing) == len(expected[nearest]):
        raise WrongArchitecture(f"not a SAM 2 network: none of its {len(shapes)} weights has a known name")
    has_memory = any(name.startswith("memory_") for name in shapes)
    hint = "" if has_memory else "; without a memory it is a network for images alone"
    raise WrongArchitecture(f"no known SAM 2 network; the nearest is {nearest.name} ({found}){hint}")


def check_fits(shapes: Shapes, config: Sam2Config, network: type[Sam2]) -> None:
    """Raise WrongArchitecture unless the network described by a file has exactly these names and shapes."""
    # A description is not trusted: it may not demand more layers than the file has weights.
    try:
        depth = sum(config.stages) + config.memory_layers + len(config.memory_mask_channels)
        possible = depth <= len(shapes) and 0 < config.image_size <= _LARGEST_IMAGE
        expected: Shapes = expected_shapes(config, network) if possible else {}
    except (TypeError, ValueError, RuntimeError, ArithmeticError, IndexError) as error:
        raise WrongArchitecture(f"it describes a network that cannot be built: {error}") from error
    if not possible:
        raise WrongArchitecture(f"its {len(shapes)} weights are not those of the network it describes")
    found = difference(shapes, expected)
    if found:
        raise WrongArchitecture(f"does not fit {config.name}: {found}")
    problem = config.size_problem()
    if problem:
        raise WrongArchitecture(problem)


def difference(shapes: Shapes, expected: Shapes) -> Difference:
    """Compare names and shapes; the names are sorted."""
    return Difference(
        missing=sorted(expected.keys() - shapes.keys()),
        unknown=sorted(shapes.keys() - expected.keys()),
        reshaped=[
            f"{name} {list(shapes[name])} instead of {list(expected[name])}"
            for name in sorted(shapes.keys() & expected.keys())
            if shapes[name] != expected[name]
        ],
    )


@cache
def expected_shapes(config: Sam2Config, network: type[Sam2]) -> Shapes:
    """Names and shapes of the state dict of a network, without allocating it."""
    with torch.device("meta"):
        return {name: tuple(value.shape) for name, value in network(config).state_dict().items()}


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return ", ".join(listed[:_MOST_NAMED]) + more
