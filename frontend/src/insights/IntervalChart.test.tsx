import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { Estimate } from "@/api/types";
import { IntervalChart } from "./IntervalChart";

afterEach(cleanup);

function estimate(value: number | null, low: number | null = null, high: number | null = null): Estimate {
  return { value, low, high, count: 1 };
}

function draw() {
  const rows = [
    { name: "1 SAM per frame", estimate: estimate(40, 35, 46), paper: 37.8 },
    { name: "2 SAM + SAM 2 Mask", estimate: estimate(8), paper: 7.4 },
    { name: "3 SAM 2", estimate: estimate(null), paper: null },
  ];
  render(<IntervalChart label="Seconds by phase" unit="seconds" rows={rows} />);
  return screen.getByRole("img", { name: "Seconds by phase" });
}

it("draws a dot for each value, an interval where there is one, and the paper's lines", () => {
  const chart = draw();
  expect(chart.querySelectorAll("[aria-label=dot] circle")).toHaveLength(2);
  expect(chart.querySelectorAll("[aria-label=rule] line")).toHaveLength(1);
  expect(chart.querySelectorAll("[aria-label=tick] line")).toHaveLength(2);
});

it("names every row, the unit, and the value under the pointer", () => {
  const chart = draw();
  for (const text of ["1 SAM per frame", "3 SAM 2", "seconds", "40.00 seconds", "Paper: 7.4 seconds"]) {
    expect(chart.textContent).toContain(text);
  }
});

it("begins at zero and leaves room for the end of the longest interval", () => {
  const ticks = [...draw().querySelectorAll("[aria-label='x-axis tick label'] text")];
  const values = ticks.map((tick) => Number(tick.textContent));
  expect(values[0]).toBe(0);
  expect(values.at(-1)).toBeGreaterThanOrEqual(40);
});
