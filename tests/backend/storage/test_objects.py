"""Objects in a local folder."""

from pathlib import Path

from backend.storage.objects import ObjectStore

MEGABYTES = 200


async def test_a_large_file_is_stored_without_being_in_memory_and_stays(tmp_path: Path) -> None:
    large, other = tmp_path / "large", tmp_path / "other"
    with large.open("wb") as file:
        file.truncate(MEGABYTES << 20)  # of nothing, which takes no room on the disk
    other.write_bytes(b"another content")
    store = ObjectStore(tmp_path / "objects")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _peak_megabytes()
    await store.put("v/large", large)
    assert _peak_megabytes() - before < MEGABYTES / 2
    assert await store.size("v/large") == MEGABYTES << 20
    await store.put("v/large", other)
    assert await store.size("v/large") == MEGABYTES << 20
    assert [path.name for path in (tmp_path / "objects").rglob("*")] == ["v", "large"]
    store.local_path("v/large").unlink()


def _peak_megabytes() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
