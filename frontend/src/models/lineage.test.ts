import { expect, it } from "vitest";
import type { Model } from "@/api/types";
import { lineage, tunedMeasure } from "./lineage";

function model(name: string, parent: string | null = null, metrics: Model["metrics"] = {}): Model {
  return { name, version: `v-${name}`, parent: parent && `v-${parent}`, metrics } as Model;
}

function told(models: readonly Model[]) {
  return lineage(models).map(({ model: { name }, depth }) => [name, depth]);
}

it("a model stands below the one it was trained from", () => {
  const models = [
    model("b2", "b"),
    model("builtin"),
    model("a"),
    model("b", "builtin"),
    model("c", "builtin"),
  ];
  expect(told(models)).toEqual([
    ["builtin", 0],
    ["b", 1],
    ["b2", 2],
    ["c", 1],
    ["a", 0],
  ]);
});

it("one whose parent was removed begins a line of its own", () => {
  expect(told([model("b", "gone"), model("c", "b")])).toEqual([
    ["b", 0],
    ["c", 1],
  ]);
});

it("a circle loses nobody", () => {
  expect(told([model("a", "b"), model("b", "a")])).toEqual([
    ["a", 0],
    ["b", 1],
  ]);
});

it("numbers of the tuning are read where they are, and nothing else is", () => {
  const tuned = model("a", null, { tuned: { "J&F, mask": { before: 60, after: 62 }, other: 3 } });
  expect(tunedMeasure(tuned, "J&F, mask")).toEqual([60, 62]);
  expect(tunedMeasure(tuned, "other")).toBeNull();
  expect(tunedMeasure(model("b"), "J&F, mask")).toBeNull();
});
