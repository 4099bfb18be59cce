import { expect, it } from "vitest";
import { documentOf } from "./draft";
import { fileOf, fromFile } from "./ontologyFile";

const SHORT = {
  classes: [{ name: "Vehicle" }, { name: "Car", key: "g", parent: "vehicle" }],
  attributes: [{ name: "Weather", scope: "frame", kind: "choice", choices: ["Sun", { name: "Rain" }] }],
};

it("a short file written by hand is enough", () => {
  const read = documentOf(fromFile(JSON.stringify(SHORT)));
  expect(read.classes.map(({ name, key, parent }) => [name, key, parent])).toEqual([
    ["Vehicle", null, null],
    ["Car", "G", "Vehicle"],
  ]);
  expect(read.attributes[0]).toMatchObject({ changes: true, choices: [{ name: "Sun" }, { name: "Rain" }] });
});

it("what is downloaded is read back the same", async () => {
  const read = documentOf(fromFile(JSON.stringify(SHORT)));
  expect(documentOf(fromFile(await fileOf(read).text()))).toEqual(read);
});

it.each([
  ["{", "The file is not JSON"],
  ["[]", "the file: it is not an object with classes, attributes."],
  ['{"labels": []}', "the file: it has no field labels"],
  ['{"classes": [{"name": "A"}, {"key": "1"}]}', "classes[1] has no name."],
  ['{"classes": [{"name": "A", "key": "N"}]}', "classes[0].key: N is no key for a class"],
  ['{"classes": [{"name": "A", "color": "red"}]}', "classes[0].color: red is not #rrggbb."],
  ['{"attributes": [{"name": "A", "scope": "object", "kind": "date"}]}', "attributes[0].kind is not one of"],
])("%s is refused with its place", (text, told) => {
  expect(() => fromFile(text)).toThrow(told);
});
