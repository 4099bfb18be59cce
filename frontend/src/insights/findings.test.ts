import { describe, expect, it } from "vitest";
import type { Phase, PhaseRow } from "@/api/types";
import { speedFinding } from "./findings";

function row(phase: Phase, value: number | null): PhaseRow {
  return { phase, seconds_per_frame: { value, low: null, high: null, count: 1 } } as PhaseRow;
}

describe("the finding above the phase table", () => {
  it("compares the fastest phase with the slowest", () => {
    expect(speedFinding([row("sam_per_frame", 40), row("sam2", 5), row("sam_plus_sam2_mask", null)])).toBe(
      "Phase 3 SAM 2 is 8.0 times as fast as phase 1 SAM per frame",
    );
  });

  it("says how long it takes where there is one phase, and that there is none", () => {
    expect(speedFinding([row("sam2", 4.54)])).toBe("Phase 3 SAM 2 takes 4.5 s per frame");
    expect(speedFinding([row("sam2", null)])).toBe("No masklet has annotation time yet");
  });
});
