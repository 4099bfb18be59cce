import { describe, expect, it } from "vitest";
import { screenPoint, videoPoint } from "./points";
import { around, fit, pan, toScreen, toVideo, zoomAt } from "./viewport";

const video = { width: 480, height: 848 };
const stage = { width: 900, height: 600 };

/** A small deterministic generator: the property must hold for many viewports. */
function* randoms(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe("viewport", () => {
  it("maps every video point to the screen and back", () => {
    const random = randoms(7);
    for (let i = 0; i < 500; i++) {
      const next = () => random.next().value;
      const view = {
        scale: 0.05 + next() * 30,
        offsetX: next() * 2000 - 1000,
        offsetY: next() * 2000 - 1000,
      };
      const point = videoPoint(next() * 4000, next() * 4000);
      const back = toVideo(view, toScreen(view, point));
      expect(back.x).toBeCloseTo(point.x, 6);
      expect(back.y).toBeCloseTo(point.y, 6);
    }
  });

  it("keeps what lies under the cursor while zooming", () => {
    const anchor = screenPoint(333, 222);
    let view = fit(video, stage);
    const under = toVideo(view, anchor);
    for (const factor of [1.2, 3, 0.7, 5, 0.9]) view = zoomAt(view, anchor, factor, 0.05);
    expect(toVideo(view, anchor).x).toBeCloseTo(under.x, 6);
    expect(toVideo(view, anchor).y).toBeCloseTo(under.y, 6);
  });

  it("fits the whole video on the stage", () => {
    const view = fit(video, stage);
    const topLeft = toScreen(view, videoPoint(0, 0));
    const bottomRight = toScreen(view, videoPoint(480, 848));
    expect(topLeft.x).toBeGreaterThanOrEqual(0);
    expect(topLeft.y).toBeGreaterThanOrEqual(0);
    expect(bottomRight.x).toBeLessThanOrEqual(900);
    expect(bottomRight.y).toBeLessThanOrEqual(600);
  });

  it("never pans the video off the stage", () => {
    const view = pan(fit(video, stage), 1e6, -1e6, video, stage);
    expect(view.offsetX).toBeLessThan(stage.width);
    expect(view.offsetY + video.height * view.scale).toBeGreaterThan(0);
  });

  it("centres a box", () => {
    const view = around([100, 200, 50, 80], stage);
    const middle = toScreen(view, videoPoint(125, 240));
    expect(middle.x).toBeCloseTo(450);
    expect(middle.y).toBeCloseTo(300);
  });
});
