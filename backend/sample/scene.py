"""The things in the sample clip: how they move and how they are drawn. Positions are in picture pixels at frame i."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

WIDTH, HEIGHT, NUM_FRAMES, FRAMES_PER_SECOND = 640, 360, 96, 24
_SMOOTH = 3  # sprites are drawn this many times larger and then reduced

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something in front of the ground. Later things in the list hide earlier ones."""

    name: str
    at: Callable[[int], Point]
    sprite: Callable[[int], Image.Image]


def camera(i: int) -> Point:
    """The position of the picture's corner on the ground: a slow drift with a little sway."""
    return 40 + 1.1 * i + 6 * math.sin(i / 15), 26 + 10 * math.sin(i / 28)


def _on_ground(x: float, y: float) -> Callable[[int], Point]:
    def at(i: int) -> Point:
        left, top = camera(i)
        return x - left, y - top

    return at


def _ball_at(i: int) -> Point:
    return 70 + 5.6 * i, 262 - abs(math.sin(i / 9)) * 46


def _car_at(i: int) -> Point:
    return 585 - 5.2 * i, 196 + 5 * math.sin(i / 11)


def _balloon_at(i: int) -> Point:
    """A path that rises out of the picture and comes back."""
    return 352 + 34 * math.sin(i / 13), 92 - 205 * math.sin(math.pi * i / (NUM_FRAMES - 1)) ** 2


def _kite_at(i: int) -> Point:
    return 486 - 3.9 * i + 26 * math.sin(i / 7), 66 + 0.5 * i + 24 * math.cos(i / 10)


def _ball(i: int) -> Image.Image:
    return _rotated(_drawn(62, 62, _paint_ball), -5.2 * i)


def _car(i: int) -> Image.Image:
    return _rotated(_drawn(118, 58, lambda d, s: _paint_car(d, s, i)), 1.5 * math.sin(i / 4))


def _balloon(i: int) -> Image.Image:
    return _rotated(_drawn(58, 92, _paint_balloon), 7 * math.sin(i / 8))


def _kite(i: int) -> Image.Image:
    return _rotated(_drawn(72, 72, _paint_kite), 25 * math.sin(i / 9) - 20)


def _post(_i: int) -> Image.Image:
    return _drawn(34, 250, _paint_post)


def _bush(_i: int) -> Image.Image:
    return _drawn(150, 96, _paint_bush)


THINGS: tuple[Thing, ...] = (
    Thing("Kite", _kite_at, _kite),
    Thing("Car", _car_at, _car),
    Thing("post", _on_ground(372, 250), _post),
    Thing("Balloon", _balloon_at, _balloon),
    Thing("Ball", _ball_at, _ball),
    Thing("bush", _on_ground(560, 306), _bush),
)


def _drawn(width: int, height: int, paint: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    picture = Image.new("RGBA", (width * _SMOOTH, height * _SMOOTH))
    paint(ImageDraw.Draw(picture), float(_SMOOTH))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _rotated(sprite: Image.Image, degrees: float) -> Image.Image:
    return sprite.rotate(degrees, Image.Resampling.BICUBIC, expand=True)


def _scaled(numbers: tuple[float, ...], scale: float) -> list[float]:
    return [number * scale for number in numbers]


def _paint_ball(draw: ImageDraw.ImageDraw, s: float) -> None:
    box = _scaled((2, 2, 60, 60), s)
    for start, colour in zip(range(0, 360, 60), ("#d83a34", "#f4efe4") * 3, strict=True):
        draw.pieslice(box, start, start + 60, fill=colour)
    draw.ellipse(_scaled((24, 24, 38, 38), s), fill="#e9b93c")
    draw.ellipse(box, outline="#7d1f1c", width=int(1.5 * s))


def _paint_car(draw: ImageDraw.ImageDraw, s: float, i: int) -> None:
    draw.rounded_rectangle(_scaled((24, 4, 88, 36), s), 10 * s, fill="#2f62c9")
    draw.rounded_rectangle(_scaled((31, 9, 54, 26), s), 4 * s, fill="#cfe6f5")
    draw.rounded_rectangle(_scaled((58, 9, 80, 26), s), 4 * s, fill="#bcd8ec")
    draw.rounded_rectangle(_scaled((4, 22, 114, 48), s), 9 * s, fill="#2a56b4")
    draw.rectangle(_scaled((4, 34, 114, 38), s), fill="#e8edf5")
    draw.ellipse(_scaled((5, 27, 13, 34), s), fill="#ffe9a3")
    for x in (30, 88):
        draw.ellipse(_scaled((x - 12, 34, x + 12, 58), s), fill="#22252c")
        turn = i / 2.2
        tip = (x + 7 * math.cos(turn), 46 + 7 * math.sin(turn))
        draw.ellipse(_scaled((x - 6, 40, x + 6, 52), s), fill="#9aa3b2")
        draw.line(_scaled((x, 46, *tip), s), fill="#22252c", width=int(2 * s))


def _paint_balloon(draw: ImageDraw.ImageDraw, s: float) -> None:
    draw.line(_scaled((29, 66, 29, 90), s), fill="#ece5d8", width=int(1.5 * s))
    draw.polygon(_scaled((29, 62, 24, 70, 34, 70), s), fill="#8f2f86")
    draw.ellipse(_scaled((3, 2, 55, 66), s), fill="#b747ac")
    draw.ellipse(_scaled((14, 12, 26, 30), s), fill="#dd92d4")


def _paint_kite(draw: ImageDraw.ImageDraw, s: float) -> None:
    draw.polygon(_scaled((36, 2, 64, 28, 36, 70, 8, 28), s), fill="#f0a52f")
    draw.polygon(_scaled((36, 2, 64, 28, 36, 28), s), fill="#28a08c")
    draw.polygon(_scaled((8, 28, 36, 28, 36, 70), s), fill="#28a08c")
    draw.line(_scaled((36, 2, 36, 70), s), fill="#5b3a14", width=int(1.5 * s))
    draw.line(_scaled((8, 28, 64, 28), s), fill="#5b3a14", width=int(1.5 * s))


def _paint_post(draw: ImageDraw.ImageDraw, s: float) -> None:
    draw.rounded_rectangle(_scaled((1, 0, 33, 250), s), 6 * s, fill="#6d5038")
    for x, colour in ((6, "#7f6146"), (14, "#5d432e"), (23, "#7a5b41")):
        draw.line(_scaled((x, 4, x + 1.5, 250), s), fill=colour, width=int(2.5 * s))


def _paint_bush(draw: ImageDraw.ImageDraw, s: float) -> None:
    for x, y, radius, colour in (
        (34, 58, 33, "#2e5c33"),
        (78, 42, 40, "#37703c"),
        (116, 60, 32, "#2b5630"),
        (60, 66, 30, "#3f7d43"),
        (98, 70, 26, "#488a4b"),
    ):
        draw.ellipse(_scaled((x - radius, y - radius, x + radius, y + radius), s), fill=colour)
