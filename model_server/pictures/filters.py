"""Chains of libavfilter's filters for frames of one form."""

from collections.abc import Sequence

from av import VideoFrame
from av.filter import Graph


def filter_chain(first: VideoFrame, filters: Sequence[tuple[str, str]]) -> Graph:
    """A graph that takes frames like the first one, through filters given as (name, options) in order."""
    graph = Graph()
    form = {
        "video_size": f"{first.width}x{first.height}",
        "pix_fmt": first.format.name,
        "time_base": "1/1000",  # nobody reads the times that come out
        "colorspace": int(first.colorspace),
        "range": int(first.color_range),
    }
    last = graph.add("buffer", ":".join(f"{key}={value}" for key, value in form.items()))
    for name, options in [*filters, ("buffersink", "")]:
        following = graph.add(name, options) if options else graph.add(name)
        last.link_to(following)
        last = following
    graph.configure()
    return graph
