import { describe, expect, it } from "vitest";
import { frameAt, labelStep, resizeTimeline, reveal, wholeVideo, xOf, zoomTimeline } from "./timelineScale";

const whole = wholeVideo(200, 1000);

describe("the timeline", () => {
  it("shows the whole video at first", () => {
    expect(xOf(whole, 0)).toBe(0);
    expect(xOf(whole, 200)).toBe(1000);
  });

  it("finds the frame under the pointer, always one that exists", () => {
    for (const frame of [0, 1, 77, 199]) expect(frameAt(whole, xOf(whole, frame) + 1)).toBe(frame);
    expect(frameAt(whole, -50)).toBe(0);
    expect(frameAt(whole, 5000)).toBe(199);
  });

  it("keeps the frame under the pointer while zooming", () => {
    const zoomed = zoomTimeline(whole, 500, 4);
    expect(frameAt(zoomed, 500)).toBe(frameAt(whole, 500));
    expect(zoomed.perFrame).toBeCloseTo(20);
  });

  it("never zooms out beyond the whole video", () => {
    expect(zoomTimeline(whole, 300, 0.1)).toEqual(whole);
  });

  it("turns the page when the playhead leaves it", () => {
    const zoomed = zoomTimeline(whole, 0, 4);
    const turned = reveal(zoomed, 120);
    expect(xOf(turned, 120)).toBeGreaterThanOrEqual(0);
    expect(xOf(turned, 121)).toBeLessThanOrEqual(1000);
    expect(reveal(turned, 121)).toBe(turned);
  });

  it("still shows the whole video in a wider window", () => {
    expect(resizeTimeline(whole, 1400)).toEqual(wholeVideo(200, 1400));
  });

  it("labels round frame numbers that have room", () => {
    expect(labelStep(whole, 56)).toBe(20);
    expect(labelStep(wholeVideo(10, 1000), 56)).toBe(1);
  });
});
