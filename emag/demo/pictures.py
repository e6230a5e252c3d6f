"""The demo's pictures: small scenes drawn by code, one for each post."""

from collections.abc import Callable
from functools import lru_cache
from math import cos, pi, sin

from emag.demo.canvas import Canvas, Shape, between, box, circle, colour, polygon, ring

WIDTH, HEIGHT = 1200, 600

INK, CREAM, SAND = colour("#17352f"), colour("#fdf6e3"), colour("#f3d9a4")
GREEN, LEAF, MINT = colour("#0b5d4b"), colour("#3f9c6b"), colour("#a9dcc3")
CORAL, GOLD, BRICK = colour("#ee6c4d"), colour("#f2b134"), colour("#b5482f")
EARTH, TRUNK = colour("#8a5a3c"), colour("#8a6a4f")
SKY, BLUE, NIGHT = colour("#cfe8ef"), colour("#2a6f97"), colour("#12303f")
PLUM, ROSE, WHITE = colour("#5b3758"), colour("#f4b6a6"), colour("#ffffff")


def _canvas(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Canvas:
    return Canvas(WIDTH, HEIGHT, top, bottom)


def _wave(base: float, height: float, length: float, shift: float) -> Shape:
    """Everything below a long sine line."""
    line = [(x, base + height * sin(x / length + shift)) for x in range(-20, WIDTH + 40, 20)]
    return polygon(*line, (WIDTH + 40, HEIGHT + 20), (-20, HEIGHT + 20))


def _bins() -> Canvas:
    canvas = _canvas(SKY, CREAM)
    canvas.fill(circle(950, 140, 70), GOLD, alpha=0.9)
    for x, rise in ((-60, 210), (230, 150), (520, 190), (790, 130), (1040, 180)):
        roof = ((x, 460 - rise), (x + 140, 380 - rise), (x + 280, 460 - rise))
        canvas.fill(polygon((x, 460), *roof, (x + 280, 460)), MINT, alpha=0.7)
    canvas.fill(box(0, 460, WIDTH, 140), SAND)
    for x, paint in ((270, LEAF), (520, BLUE), (770, EARTH)):
        canvas.fill(
            polygon((x + 20, 540), (x + 150, 540), (x + 240, 562), (x + 60, 562)), INK, alpha=0.1
        )
        canvas.fill(circle(x + 125, 515, 26), INK)
        body = ((x + 4, 250), (x + 156, 250), (x + 138, 520), (x + 22, 520))
        canvas.fill(polygon(*body), paint)
        canvas.fill(polygon(body[0], (x + 50, 250), (x + 56, 520), body[3]), WHITE, alpha=0.14)
        canvas.fill(box(x - 8, 222, 176, 40, round_by=16), between(paint, INK, 0.35))
        canvas.fill(ring(x + 80, 375, 34, 9), WHITE, alpha=0.85)
    return canvas


def _bubbles() -> Canvas:
    canvas = _canvas(colour("#fbe3d3"), ROSE)
    for x, y, width, height, paint, tail in (
        (120, 90, 470, 230, CORAL, 220),
        (640, 60, 400, 190, PLUM, 920),
        (420, 270, 560, 250, CREAM, 560),
    ):
        canvas.fill(box(x + 10, y + 14, width, height, round_by=56), INK, alpha=0.10)
        canvas.fill(box(x, y, width, height, round_by=56), paint)
        foot = y + height - 4
        canvas.fill(polygon((tail, foot), (tail + 80, foot), (tail + 6, foot + 64)), paint)
    for n, width in enumerate((330, 250, 290)):
        canvas.fill(box(180, 142 + n * 42, width, 18, round_by=9), WHITE, alpha=0.75)
    for n, width in enumerate((260, 180)):
        canvas.fill(box(700, 112 + n * 42, width, 18, round_by=9), WHITE, alpha=0.55)
    return canvas


def _townhall() -> Canvas:
    canvas = _canvas(PLUM, colour("#f0926d"))
    canvas.fill(circle(880, 420, 190), GOLD, alpha=0.55)
    canvas.fill(box(0, 500, WIDTH, 100), NIGHT)
    stone, shade = colour("#f4e3cf"), colour("#c9a98c")
    canvas.fill(box(260, 320, 680, 190), stone)
    canvas.fill(polygon((230, 325), (600, 205), (970, 325)), shade)
    canvas.fill(polygon((300, 312), (600, 218), (900, 312)), stone)
    for n in range(8):
        canvas.fill(box(289 + n * 84, 338, 34, 162), shade)
    for n in range(7):
        canvas.fill(box(329 + n * 84, 372, 38, 128, round_by=19), NIGHT, alpha=0.72)
    canvas.fill(box(540, 90, 120, 160), stone)
    canvas.fill(polygon((522, 92), (600, 14), (678, 92)), colour("#7b4a52"))
    canvas.fill(circle(600, 160, 46), WHITE)
    canvas.fill(ring(600, 160, 46, 7), NIGHT)
    canvas.fill(box(597, 128, 6, 34), NIGHT)
    canvas.fill(polygon((597, 158), (627, 172), (625, 178), (597, 164)), NIGHT)
    canvas.fill(box(220, 498, 760, 18), shade)
    return canvas


def _signal() -> Canvas:
    canvas = _canvas(NIGHT, BLUE)
    for n in range(7, 0, -1):
        canvas.fill(circle(600, 330, 70 * n), MINT, alpha=0.10)
    for n in range(1, 6):
        canvas.fill(ring(600, 330, 70 + 92 * n, 8), CREAM, alpha=0.8 - n * 0.13)
    canvas.fill(_wave(540, 14, 160, 0.4), between(NIGHT, GREEN, 0.5))
    canvas.fill(polygon((600, 320), (648, 570), (552, 570)), CREAM)
    canvas.fill(polygon((600, 400), (628, 570), (572, 570)), BLUE)
    canvas.fill(circle(600, 330, 34), CORAL)
    return canvas


def _river() -> Canvas:
    canvas = _canvas(colour("#0d2230"), colour("#3c6e8a"))
    canvas.fill(circle(900, 150, 120), CREAM, alpha=0.08)
    canvas.fill(circle(900, 150, 78), CREAM, alpha=0.92)
    for n in range(44):
        x, y = (n * 457) % 1240, (n * n * 31) % 430 - 20
        canvas.fill(
            polygon((x, y), (x + 4, y), (x - 20, y + 62), (x - 24, y + 62)), SKY, alpha=0.28
        )
    for n, paint in enumerate(("#2f6480", "#23526e", "#193f57", "#102c3f")):
        canvas.fill(_wave(350 + n * 62, 24, 120 - n * 8, n * 1.7), colour(paint))
    for x, y in ((180, 400), (520, 468), (930, 420)):
        canvas.fill(box(x, y, 120, 6, round_by=3), SKY, alpha=0.35)
    return canvas


def _megaphone() -> Canvas:
    canvas = _canvas(colour("#ffd98a"), GOLD)
    for n in range(12):
        turn = n * pi / 6 + 0.1
        near, far = turn - 0.09, turn + 0.09
        rim = [(520 + 1000 * cos(a), 310 + 1000 * sin(a)) for a in (near, far)]
        canvas.fill(polygon((520, 310), *rim), WHITE, alpha=0.16)
    canvas.fill(polygon((430, 390), (520, 390), (560, 520), (470, 520)), INK)
    canvas.fill(polygon((380, 250), (740, 120), (740, 500), (380, 380)), CORAL)
    canvas.fill(polygon((380, 250), (740, 120), (740, 230), (380, 296)), WHITE, alpha=0.18)
    canvas.fill(box(300, 240, 110, 150, round_by=40), BRICK)
    canvas.fill(box(722, 104, 44, 412, round_by=22), CREAM)
    for n in (1, 2, 3):
        arc = [(766 + 84 * n * cos(a / 20), 310 + 110 * n * sin(a / 20)) for a in range(-16, 17)]
        inner = [(x - 22, y) for x, y in reversed(arc)]
        canvas.fill(polygon(*arc, *inner), INK, alpha=0.95 - n * 0.22)
    return canvas


def _letter() -> Canvas:
    canvas = _canvas(colour("#d9efe4"), MINT)
    canvas.fill(circle(220, 120, 210), WHITE, alpha=0.25)
    canvas.fill(circle(1060, 520, 260), WHITE, alpha=0.2)
    canvas.fill(box(312, 246, 600, 322, round_by=24), INK, alpha=0.12)
    canvas.fill(polygon((300, 270), (600, 70), (900, 270)), between(GREEN, INK, 0.25))
    canvas.fill(box(300, 262, 600, 292, round_by=20), between(GREEN, INK, 0.25))
    canvas.fill(box(356, 96, 488, 380, round_by=14), CREAM)
    canvas.fill(box(404, 140, 190, 30, round_by=6), CORAL)
    for n, width in enumerate((392, 360, 384, 300, 392, 340)):
        canvas.fill(box(404, 200 + n * 34, width, 12, round_by=6), INK, alpha=0.25)
    canvas.fill(polygon((300, 280), (600, 460), (300, 554)), LEAF)
    canvas.fill(polygon((900, 280), (600, 460), (900, 554)), LEAF)
    canvas.fill(polygon((308, 554), (600, 400), (892, 554)), GREEN)
    return canvas


def _columns() -> Canvas:
    canvas = _canvas(CREAM, colour("#f0e4c8"))
    for y in range(130, 560, 90):
        canvas.fill(box(120, y, 960, 3), INK, alpha=0.10)
    tops = [410, 380, 392, 320, 338, 262, 214, 150]
    for n, top in enumerate(tops):
        paint = between(MINT, GREEN, n / 7)
        canvas.fill(box(150 + n * 116, top, 76, 560 - top, round_by=10), paint)
        canvas.fill(box(150 + n * 116, top, 24, 560 - top, round_by=10), WHITE, alpha=0.13)
    line = [(188 + n * 116, top - 46) for n, top in enumerate(tops)]
    canvas.fill(polygon(*line, *((x, y + 9) for x, y in reversed(line))), CORAL)
    for x, y in line:
        canvas.fill(circle(x, y + 4, 16), CORAL)
        canvas.fill(circle(x, y + 4, 8), CREAM)
    canvas.fill(box(110, 556, 980, 8, round_by=4), INK)
    return canvas


def _hills() -> Canvas:
    canvas = _canvas(colour("#ffe3b8"), colour("#ffc48f"))
    canvas.fill(circle(800, 290, 190), WHITE, alpha=0.22)
    canvas.fill(circle(800, 290, 130), GOLD)
    for n, paint in enumerate(("#9fcf9a", "#6fb587", "#3f9c6b", "#1d7a58")):
        canvas.fill(_wave(320 + n * 66, 52 - n * 7, 190 - n * 22, n * 2.1 + 0.6), colour(paint))
    road = [(600 + 150 * sin(y / 60), y) for y in range(430, 640, 6)]
    wide = [(x + (y - 424) * 0.55, y) for x, y in reversed(road)]
    canvas.fill(polygon(*road, *wide), CREAM)
    for x, y, size in ((180, 400, 44), (250, 420, 34), (1010, 440, 50), (930, 470, 36)):
        canvas.fill(box(x - 5, y, 10, size + 26), INK)
        canvas.fill(circle(x, y, size), GREEN)
        canvas.fill(circle(x - size / 3, y - size / 3, size / 2), LEAF, alpha=0.6)
    return canvas


def _notice() -> Canvas:
    canvas = _canvas(colour("#e6f3e6"), colour("#bfe0c4"))
    for n in range(9):
        x, size = 60 + n * 140, 84 + (n * 37) % 50
        canvas.fill(box(x - 9, 300, 18, 230), TRUNK)
        canvas.fill(circle(x, 270 + (n % 3) * 22, size), between(MINT, LEAF, 0.25 + (n % 4) * 0.2))
    canvas.fill(_wave(500, 10, 150, 1), LEAF)
    canvas.fill(polygon((520, 620), (680, 490), (760, 490), (860, 620)), SAND)
    canvas.fill(polygon((500, 0), (700, 0), (722, 610), (478, 610)), colour("#6b4b36"))
    canvas.fill(polygon((500, 0), (560, 0), (548, 610), (478, 610)), WHITE, alpha=0.08)
    canvas.fill(box(476, 146, 256, 320, round_by=6), INK, alpha=0.25)
    canvas.fill(box(468, 136, 256, 320, round_by=6), GOLD)
    canvas.fill(box(500, 176, 192, 26, round_by=4), INK)
    for n, width in enumerate((192, 176, 186, 120, 192, 150)):
        canvas.fill(box(500, 232 + n * 32, width, 10, round_by=5), INK, alpha=0.6)
    canvas.fill(circle(596, 154, 9), BRICK)
    return canvas


def _mosaic() -> Canvas:
    canvas = _canvas(CREAM, CREAM)
    paints = (GREEN, CORAL, GOLD, BLUE, MINT, ROSE)
    for row in range(4):
        for column in range(8):
            x, y, n = column * 150, row * 150, (row * 5 + column * 7 + row * column) % 12
            ground, paint = paints[n % 6], paints[(n + 2 + row) % 6]
            canvas.fill(box(x, y, 150, 150), ground, alpha=0.9)
            if n % 3 == 0:
                canvas.fill(circle(x + 75, y + 75, 54), CREAM)
                canvas.fill(circle(x + 75, y + 75, 26), paint)
            elif n % 3 == 1:
                quarter = [
                    (x + 150 * cos(a / 20 * pi), y + 150 * sin(a / 20 * pi)) for a in range(11)
                ]
                canvas.fill(polygon((x, y), *quarter), paint)
            else:
                canvas.fill(polygon((x, y + 150), (x + 150, y), (x + 150, y + 150)), paint)
    return canvas


def _bunting() -> Canvas:
    canvas = _canvas(colour("#7fc4d6"), colour("#fbe5c8"))
    canvas.fill(circle(180, 500, 150), WHITE, alpha=0.35)
    canvas.fill(circle(330, 540, 120), WHITE, alpha=0.35)
    canvas.fill(circle(980, 560, 160), WHITE, alpha=0.3)
    paints = (CORAL, GOLD, GREEN, PLUM, WHITE, BLUE)
    for string, (height, sag) in enumerate(((40, 130), (170, 150), (320, 120))):
        rope = [(x, height + sag * sin(x / WIDTH * pi)) for x in range(-20, WIDTH + 40, 20)]
        for n in range(2 + string, len(rope) - 3, 5):
            (x0, y0), (x1, y1) = rope[n], rope[n + 3]
            tip = ((x0 + x1) / 2 + 4, (y0 + y1) / 2 + 88)
            canvas.fill(polygon((x0, y0), (x1, y1), tip), paints[(n + string * 2) % 6])
            canvas.fill(polygon((x0, y0), ((x0 + x1) / 2, (y0 + y1) / 2), tip), WHITE, alpha=0.16)
        canvas.fill(polygon(*rope, *((x, y + 5) for x, y in reversed(rope))), INK)
    return canvas


SCENES: dict[str, Callable[[], Canvas]] = {
    "bins": _bins,
    "bubbles": _bubbles,
    "townhall": _townhall,
    "signal": _signal,
    "river": _river,
    "megaphone": _megaphone,
    "letter": _letter,
    "columns": _columns,
    "hills": _hills,
    "notice": _notice,
    "mosaic": _mosaic,
    "bunting": _bunting,
}


@lru_cache(maxsize=len(SCENES))
def png(name: str) -> bytes:
    """The scene of that name as a PNG file; KeyError for a name that is none."""
    return SCENES[name]().png()
