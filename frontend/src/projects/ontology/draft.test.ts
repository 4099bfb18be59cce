import { expect, it } from "vitest";
import { documentOf, draftOf, faultsOf, moved, newAttribute, newClass } from "./draft";

const VEHICLES = {
  classes: [
    { id: "v", name: "Vehicle", color: "#c91f16", key: null, noun_phrase: null, parent: null },
    { id: "c", name: "Car", color: "#1845fb", key: "1", noun_phrase: "a car", parent: "Vehicle" },
  ],
  attributes: [
    {
      id: "p",
      name: "Paint",
      scope: "object",
      kind: "choice",
      required: true,
      changes: false,
      choices: [{ id: "r", name: "Red" }],
    },
  ],
} as const;

it("an ontology comes back as it was edited: not at all", () => {
  expect(documentOf(draftOf(VEHICLES))).toEqual(VEHICLES);
});

it("a class that is renamed stays the parent of its kinds", () => {
  const draft = draftOf(VEHICLES);
  const [vehicle, car] = draft.classes;
  if (!vehicle || !car) throw new Error("there are two");
  const renamed = { ...draft, classes: [{ ...vehicle, name: "Conveyance" }, car] };
  expect(documentOf(renamed).classes.map(({ name, parent }) => [name, parent])).toEqual([
    ["Conveyance", null],
    ["Car", "Conveyance"],
  ]);
});

it("a new class gets the first free key, and no row without a name is saved", () => {
  const { classes } = draftOf(VEHICLES);
  const added = newClass(classes);
  expect(added.key).toBe("2");
  const draft = { classes: [...classes, added], attributes: [newAttribute("frame")] };
  expect(documentOf(draft).classes).toHaveLength(2);
  expect(documentOf(draft).attributes).toEqual([]);
  expect(faultsOf(draft).size).toBe(0);
});

it("doubles, circles and empty choices are told before saving", () => {
  const draft = draftOf(VEHICLES);
  const [vehicle, car] = draft.classes;
  const [paint] = draft.attributes;
  if (!vehicle || !car || !paint) throw new Error("they are there");
  const told = (change: Partial<typeof draft>) => [...faultsOf({ ...draft, ...change }).values()];
  expect(told({ classes: [vehicle, { ...car, name: " vehicle" }] })).toEqual(["There is another vehicle."]);
  expect(told({ classes: [{ ...vehicle, key: "1" }, car] })).toEqual(["Vehicle has the key 1 as well."]);
  expect(told({ classes: [{ ...vehicle, parent: car.row }, car] })).toEqual([
    "Vehicle would be a kind of itself.",
    "Car would be a kind of itself.",
  ]);
  expect(told({ attributes: [{ ...paint, choices: [] }] })).toEqual(["There is nothing to choose from."]);
});

it("a row moves up and down, and stays at the ends", () => {
  const rows = [{ row: 1 }, { row: 2 }, { row: 3 }];
  const order = (row: number, by: number) => moved(rows, row, by).map((each) => each.row);
  expect(order(3, -1)).toEqual([1, 3, 2]);
  expect(order(1, 1)).toEqual([2, 1, 3]);
  expect(order(1, -1)).toEqual([1, 2, 3]);
});
