import { describe, expect, it } from "vitest";
import { INITIAL_FORM, optionsOf } from "./options";

describe("what the server is asked", () => {
  it("leaves to the model what the person left open", () => {
    expect(optionsOf(INITIAL_FORM)).toMatchObject({
      max_masklets: 12,
      every_seconds: 4,
      grids: null,
      min_area: 0.001,
      min_predicted_iou: null,
      min_stability: null,
    });
  });

  it("takes what was chosen", () => {
    const form = { ...INITIAL_FORM, every: "", points: "sa-v" as const, minStability: "0.8" };
    expect(optionsOf(form)).toMatchObject({
      every_seconds: null,
      grids: [32, 16, 4],
      min_stability: 0.8,
    });
  });

  it.each([
    { maxMasklets: "0" },
    { maxMasklets: "" },
    { minArea: "x" },
    { minPredictedIou: "1.2" },
    { minStability: "-1" },
  ])("is nothing while a field makes no sense: %j", (wrong) => {
    expect(optionsOf({ ...INITIAL_FORM, ...wrong })).toBeNull();
  });
});
