import { describe, expect, it } from "vitest";
import { decodeCounts, encodeCounts, MalformedCounts } from "./rle";
import { area, contains } from "./runs";
import vectors from "./vectors/pycocotools.json";

describe.each(vectors)(
  "counts of $name, as written by pycocotools",
  ({ size, counts, area: pixels, rows }) => {
    const [height, width] = size as [number, number];

    it("decode to the right area", () => {
      expect(area(decodeCounts(counts, width * height))).toBe(pixels);
    });

    it("survive the round trip byte for byte", () => {
      expect(encodeCounts(decodeCounts(counts, width * height), width * height)).toBe(counts);
    });

    it("say of every pixel whether it is foreground", () => {
      const runs = decodeCounts(counts, width * height);
      (rows ?? []).forEach((row, y) => {
        for (let x = 0; x < width; x++) expect(contains(runs, x, y, { width, height })).toBe(row[x] === "#");
      });
    });
  },
);

describe("malformed counts", () => {
  it("are refused when they cover another number of pixels", () => {
    expect(() => decodeCounts("0P1", 31)).toThrow(MalformedCounts);
  });

  it("are refused when they contain foreign characters", () => {
    expect(() => decodeCounts("0 !", 32)).toThrow(MalformedCounts);
  });
});
