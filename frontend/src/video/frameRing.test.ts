import { expect, it, vi } from "vitest";
import { FrameRing } from "./frameRing";

function makeFrame() {
  return { width: 10, height: 10, close: vi.fn() };
}

it("closes the frame furthest from the cursor when the ring is full", () => {
  const ring = new FrameRing<ReturnType<typeof makeFrame>>(3 * 400);
  const frames = [0, 1, 2, 9].map((frameIndex) => ({ frameIndex, frame: makeFrame() }));
  ring.aim(0, 1);
  for (const { frameIndex, frame } of frames.slice(0, 3)) ring.put(frameIndex, frame);
  ring.aim(2, 1);
  ring.put(3, makeFrame());
  expect(frames[0]?.frame.close).toHaveBeenCalledOnce();
  expect(ring.has(2)).toBe(true);
  expect(ring.has(3)).toBe(true);
});

it("closes the old picture when a frame is decoded again", () => {
  const ring = new FrameRing<ReturnType<typeof makeFrame>>(4000);
  const first = makeFrame();
  ring.put(5, first);
  ring.put(5, makeFrame());
  expect(first.close).toHaveBeenCalledOnce();
  expect(ring.size).toBe(1);
});

it("closes everything when cleared", () => {
  const ring = new FrameRing<ReturnType<typeof makeFrame>>(4000);
  const frames = [makeFrame(), makeFrame()];
  frames.forEach((frame, i) => {
    ring.put(i, frame);
  });
  ring.clear();
  for (const frame of frames) expect(frame.close).toHaveBeenCalledOnce();
});
