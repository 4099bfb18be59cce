import { expect, test } from "vitest";
import type { Model, Models } from "@/api/types";
import { modelHint, modelOptions } from "./modelOptions";

function model(name: string, more: Partial<Model> = {}): Model {
  return {
    name,
    version: `${name}-version`,
    digest: "0".repeat(64),
    config_name: "builtin",
    input_size: 256,
    num_parameters: 3_300_000,
    num_bytes: 7_000_000,
    origin: "here",
    added_at: null,
    parent: null,
    card: "",
    metrics: {},
    builtin: false,
    is_default: false,
    loaded: false,
    problem: null,
    limit: null,
    projects: [],
    ...more,
  };
}

const CATALOGUE: Models = {
  default: "builtin",
  models: [model("builtin"), model("birds"), model("broken", { problem: "its weights were taken away" })],
  missing: [],
  num_projects_on_default: 1,
  decisions: [],
  can_roll_back: false,
};

test("the default comes first and says which model it is now", () => {
  expect(modelOptions(CATALOGUE, null).map(({ name, label }) => [name, label])).toEqual([
    [null, "Default (now builtin)"],
    ["builtin", "builtin · builtin-version"],
    ["birds", "birds · birds-version"],
    ["broken", "broken · cannot be used"],
  ]);
});

test("a model that cannot be used cannot be chosen, but stays where it was chosen before", () => {
  expect(modelOptions(CATALOGUE, null).find(({ name }) => name === "broken")?.disabled).toBe(true);
  expect(modelOptions(CATALOGUE, "broken").find(({ name }) => name === "broken")?.disabled).toBe(false);
});

test("a chosen model that was removed is shown as removed, with what to do", () => {
  expect(modelOptions(CATALOGUE, "gone").at(-1)).toEqual({
    name: "gone",
    label: "gone · removed",
    disabled: false,
  });
  expect(modelHint(CATALOGUE, "gone")).toContain("maskloom models add");
});

test("before the catalogue is there the choice keeps its name", () => {
  expect(modelOptions(undefined, "birds").map(({ label }) => label)).toEqual(["Default", "birds"]);
  expect(modelHint(undefined, "birds")).toBe("");
});

test("the hint tells size, trouble, or that the default is still being loaded", () => {
  expect(modelHint(CATALOGUE, null)).toBe("3.3 M parameters, frames at 256 px.");
  expect(modelHint(CATALOGUE, "broken")).toContain("its weights were taken away");
  expect(modelHint({ ...CATALOGUE, default: null }, null)).toBe("The default model is being loaded.");
});
