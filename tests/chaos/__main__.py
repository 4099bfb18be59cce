"""`python -m tests.chaos --kills 50 --seed 1`: seeded kills, and whether anything shown as saved was lost."""

import argparse
import tempfile
from pathlib import Path

from tests.chaos.test_kills import spree
from tests.chaos.test_painting import paint_through
from tests.chromium import chromium


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        painted = paint_through(browser, strikes=arguments.kills, seed=arguments.seed, folder=Path(folder) / "painting")
    print(
        f"seed {arguments.seed}: {len(painted.strikes)} strikes, {painted.strokes} strokes, each stored once and in "
        f"order; the top bar said: {', '.join(painted.said)}"
    )
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        report = spree(browser, kills=arguments.kills, seed=arguments.seed, folder=Path(folder))
    print(
        f"seed {arguments.seed}: {len(report.kills)} kills, {report.masks_shown} masks shown as saved, "
        f"{report.masks_checked} looks at them, none lost"
    )


if __name__ == "__main__":
    main()
