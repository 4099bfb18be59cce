"""Multi-layer perceptron with ReLU or GELU between its layers.

Shapes: any leading dimensions, channels last.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Mlp(nn.Module):
    """Linear layers with an activation after all but the last."""

    def __init__(self, widths: Sequence[int], activation: Callable[[Tensor], Tensor] = F.relu) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """(..., widths[0]) -> (..., widths[-1])."""
        if x.ndim == 2 and x.device.type == "cpu" and not self.training:
            # On a CPU the order of summation depends on the number of rows, if there are few. One at a time, the
            # result for an object does not depend on the other objects.
            return torch.cat([self._through_layers(row) for row in torch.split(x, 1)])
        return self._through_layers(x)

    def _through_layers(self, x: Tensor) -> Tensor:
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        return last(x)
