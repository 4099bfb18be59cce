"""The eight released SAM 2 models, with the addresses and digests of their weights.

The digests are those that several independent public projects pin for these addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

_HOST = "https://dl.fbaipublicfiles.com/segment_anything_2"
_CARD = """# {name}

Released by Meta AI, Apache-2.0: code and model card at <https://github.com/facebookresearch/sam2>, the paper is
arXiv 2408.00714. Trained on SA-V and SA-1B with licensed data. Version {version} of the model.

Frames are scaled to a square of 1024 pixels. On a processor without a GPU a frame takes seconds.
"""


@dataclass(frozen=True, slots=True)
class Released:
    """One released model."""

    name: str
    folder: str
    digest: str
    num_bytes: int
    """Approximate, to show before a download."""

    @property
    def url(self) -> str:
        """Where its authors publish it."""
        return f"{_HOST}/{self.folder}/{self.name}.pt"

    @property
    def card(self) -> str:
        """Markdown."""
        return _CARD.format(name=self.name, version="2.1" if self.name.startswith("sam2.1") else "2.0")


_JULY, _SEPTEMBER = "072824", "092824"
_ALL = (
    ("sam2.1_hiera_tiny", _SEPTEMBER, "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69", 156),
    ("sam2.1_hiera_small", _SEPTEMBER, "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38", 184),
    ("sam2.1_hiera_base_plus", _SEPTEMBER, "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5", 324),
    ("sam2.1_hiera_large", _SEPTEMBER, "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318", 898),
    ("sam2_hiera_tiny", _JULY, "65b50056e05bcb13694174f51bb6da89c894b57b75ccdf0ba6352c597c5d1125", 156),
    ("sam2_hiera_small", _JULY, "95949964d4e548409021d47b22712d5f1abf2564cc0c3c765ba599a24ac7dce3", 184),
    ("sam2_hiera_base_plus", _JULY, "d0bb7f236400a49669ffdd1be617959a8b1d1065081789d7bbff88eded3a8071", 323),
    ("sam2_hiera_large", _JULY, "7442e4e9b732a508f80e141e7c2913437a3610ee0c77381a66658c3a445df87b", 898),
)
RELEASED: dict[str, Released] = {
    name: Released(name, folder, digest, megabytes * 1_000_000) for name, folder, digest, megabytes in _ALL
}


def released_as(digest: str) -> Released | None:
    """The released model with this digest."""
    return next((model for model in RELEASED.values() if model.digest == digest), None)
