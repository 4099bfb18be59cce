import { expect, it } from "vitest";
import { bytesText, countText, durationText, etaText, percentText, rateText } from "./numbers";

it("bytes are decimal and keep three digits", () => {
  expect([0, 999, 1500, 150_000, 2_500_000, 999_960, 3e9].map(bytesText)).toEqual([
    "0 B",
    "999 B",
    "1.5 kB",
    "150 kB",
    "2.5 MB",
    "1.0 MB",
    "3.0 GB",
  ]);
});

it("durations change unit at a minute and an hour", () => {
  expect([4.23, 9.96, 59.4, 59.6, 65, 7380].map(durationText)).toEqual([
    "4.2 s",
    "10 s",
    "59 s",
    "1 min 00 s",
    "1 min 05 s",
    "2 h 03 min",
  ]);
});

it("an unknown time left is not shown", () => {
  expect(etaText(null)).toBeNull();
  expect(etaText(0.4)).toBe("almost done");
  expect(etaText(3.2)).toBe("4 s left");
});

it("percentages never claim to be finished early", () => {
  expect(percentText(0.999)).toBe("99 %");
  expect(percentText(1)).toBe("100 %");
});

it("one is singular", () => {
  expect([countText(1, "video"), countText(1200, "frame")]).toEqual(["1 video", "1,200 frames"]);
});

it("frame rates drop trailing zeros", () => {
  expect([rateText({ num: 30000, den: 1001 }), rateText({ num: 24, den: 1 })]).toEqual(["29.97", "24"]);
});
