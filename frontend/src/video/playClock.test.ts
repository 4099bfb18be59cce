import { describe, expect, it } from "vitest";
import { type PlayClock, tick } from "./playClock";

const clock: PlayClock = {
  anchorTime: 1000,
  anchorFrame: 10,
  framesPerSecond: 24,
  rate: 1,
  loop: { first: 0, last: 99 },
};
const always = () => true;

describe("the playback clock", () => {
  it("shows every frame for its share of a second", () => {
    expect(tick(clock, 10, 1000, always).frameIndex).toBe(10);
    expect(tick(clock, 10, 1000 + 1000 / 24, always).frameIndex).toBe(11);
    expect(tick(clock, 11, 2000, always).frameIndex).toBe(34);
  });

  it("waits on the last decoded frame instead of showing a wrong one", () => {
    const { frameIndex, clock: waiting } = tick(clock, 10, 2000, (f) => f <= 15);
    expect(frameIndex).toBe(15);
    expect(tick(waiting, 15, 2000 + 1000 / 24, always).frameIndex).toBe(16);
  });

  it("starts over at the end of the loop", () => {
    expect(tick({ ...clock, loop: { first: 5, last: 20 } }, 20, 2000, always).frameIndex).toBe(5);
  });

  it("plays backwards", () => {
    expect(tick({ ...clock, rate: -1 }, 10, 1000 + 3000 / 24, always).frameIndex).toBe(7);
  });
});
