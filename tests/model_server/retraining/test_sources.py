"""Annotated data of every layout end in the same file."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_server.masks import rle
from model_server.measurement.clips import NoClips
from model_server.retraining.sources import annotated_data, write_sources
from model_server.training.clips.annotated import AnnotatedClips
from model_server.training.clips.generator import ClipShape
from tests.model_server.retraining.sa_v_folder import write_sa_v

SIZE = (48, 64)


def frame(index: int) -> np.ndarray:
    """A bright box that moves right over the dark."""
    picture = np.full((*SIZE, 3), 40, np.uint8)
    picture[box(index)] = 220
    return picture


def box(index: int) -> np.ndarray:
    inside = np.zeros(SIZE, bool)
    inside[10:30, 5 + 5 * index : 25 + 5 * index] = True
    return inside


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(pixels.astype(np.uint8))
    if pixels.ndim == 2 and path.suffix == ".png":
        picture = picture.convert("L")
    picture.save(path, **({"quality": 95} if path.suffix == ".jpg" else {}))


def palette_videos(folder: Path, between: str) -> None:
    """Six frames, every second one annotated, two objects, frames named by fives as YouTube-VOS does."""
    for index in range(6):
        save(folder / "JPEGImages" / between / "clip" / f"{5 * index:05}.jpg", frame(index))
        if index % 2 == 0:
            labels = np.where(box(index), 2, 0)
            labels[40:, :20] = 7
            path = folder / "Annotations" / between / "clip" / f"{5 * index:05}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(labels.astype(np.uint8), mode="P")
            picture.putpalette([0, 0, 0, 255, 0, 0] * 8)
            picture.save(path)


def clips(folder: Path, frames_per_clip: int = 8) -> dict[str, np.ndarray]:
    return {name: array for found in annotated_data(folder, frames_per_clip=frames_per_clip) for name, array in
            found.arrays.items()}  # fmt: skip


def assert_on_bright(clip: np.ndarray, layer: int) -> None:
    for pixels in clip:
        inside = pixels[..., 3 + layer] > 0
        assert inside.any()
        assert pixels[inside][:, :3].min() > 130
        assert pixels[~inside][:, :3].max() < 140


@pytest.mark.parametrize("between", ["", "480p"])
def test_palette_folders_give_their_annotated_frames_and_objects(tmp_path: Path, between: str) -> None:
    palette_videos(tmp_path, between)
    (name, clip), *_ = clips(tmp_path).items()
    assert name.endswith("clip/0")
    assert clip.shape == (3, *SIZE, 3 + 2)
    assert_on_bright(clip, 0)
    assert clip[0, 45, 5, 4] == 1


def test_a_folder_for_each_object_gives_objects_that_overlap(tmp_path: Path) -> None:
    for index in range(4):
        save(tmp_path / "JPEGImages" / "clip" / f"{index:05}.jpg", frame(index))
        for name, mask in (("000", box(index)), ("001", np.ones(SIZE, bool))):
            save(tmp_path / "Annotations" / "clip" / name / f"{index:05}.png", mask * 255)
    clip = clips(tmp_path)["clip/0"]
    assert_on_bright(clip, 0)
    assert clip[..., 4].all()


def test_images_beside_masks_are_clips_of_one_frame(tmp_path: Path) -> None:
    save(tmp_path / "images" / "a.jpg", frame(1))
    save(tmp_path / "masks" / "a.png", np.where(box(1), 3, 0))
    save(tmp_path / "images" / "b.png", frame(2))
    save(tmp_path / "masks" / "b" / "0.png", box(2) * 255)
    save(tmp_path / "masks" / "b" / "1.png", np.full(SIZE, 255))  # more than 90 % of the image
    save(tmp_path / "images" / "nobody drew on this.jpg", frame(3))
    found = clips(tmp_path)
    assert set(found) == {"a", "b"}
    for clip in found.values():
        assert clip.shape == (1, *SIZE, 4)
        assert_on_bright(clip, 0)


def test_images_with_run_lengths_are_read_as_sa_1b_writes_them(tmp_path: Path) -> None:
    save(tmp_path / "sa_1.jpg", frame(0))
    segment = {"size": list(SIZE), "counts": rle.encode(box(0))}
    (tmp_path / "sa_1.json").write_text(json.dumps({"image": {}, "annotations": [{"segmentation": segment}]}))
    assert_on_bright(clips(tmp_path)["sa_1"], 0)


def test_sa_v_brings_how_often_a_masklet_was_corrected(tmp_path: Path) -> None:
    write_sa_v(tmp_path, ("one", "two"))
    annotation = json.loads((tmp_path / "one_manual.json").read_text()) | {"masklet_edited_frame_count": [3]}
    (tmp_path / "one_manual.json").write_text(json.dumps(annotation))
    found = clips(tmp_path)
    assert found["one/0.edited"].tolist() == [3]
    assert "two/0.edited" not in found


def test_clips_are_as_long_as_the_stage_wants_them(tmp_path: Path) -> None:
    palette_videos(tmp_path, "")
    assert clips(tmp_path, frames_per_clip=2)["clip/0"].shape[0] == 2


def test_several_folders_are_learned_from_together(tmp_path: Path) -> None:
    palette_videos(tmp_path / "videos", "")
    save(tmp_path / "pictures" / "images" / "a.jpg", frame(1))
    save(tmp_path / "pictures" / "masks" / "a.png", box(1) * 3)
    file = tmp_path / "all.npz"
    assert write_sources([tmp_path / "videos", tmp_path / "pictures"], file, frames_per_clip=8) == 2
    batch = AnnotatedClips(file, seed=0).batch(0, ClipShape(batch_size=4, num_frames=3, num_targets=1, size=32))
    assert batch.masks[:, 0].flatten(1).any(dim=1).all()


def test_what_is_no_data_is_refused_with_what_could_be(tmp_path: Path) -> None:
    with pytest.raises(NoClips, match="JPEGImages"):
        clips(tmp_path)
    save(tmp_path / "masks" / "a.png", box(1) * 3)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"a\.jpg is not a picture"):
        clips(tmp_path)
