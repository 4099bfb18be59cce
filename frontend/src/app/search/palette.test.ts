import { expect, it } from "vitest";
import { matching } from "./palette";

const places = [
  { label: "Review Kitchen", hint: "review", href: "/1" },
  { label: "Kitchen", hint: "project", href: "/2" },
  { label: "Model", hint: "page", href: "/3" },
];

it("an empty query keeps everything in order", () => {
  expect(matching(places, " ")).toEqual(places);
});

it("names that start with the query come first", () => {
  expect(matching(places, "kit").map((place) => place.href)).toEqual(["/2", "/1"]);
});

it("every word must be found, in the label or the hint", () => {
  expect(matching(places, "kitchen project").map((place) => place.href)).toEqual(["/2"]);
  expect(matching(places, "nothing")).toEqual([]);
});
