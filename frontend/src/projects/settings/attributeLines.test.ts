import { expect, it } from "vitest";
import { attributesOf, linesOf } from "./attributeLines";

const tone = { key: "skin tone", values: ["1-3", "4-6"], required: true };
const age = { key: "age", values: ["child", "adult"], required: false };

it("attributes are written one a line and read back", () => {
  expect(linesOf([tone, age])).toBe("skin tone*: 1-3, 4-6\nage: child, adult");
  expect(attributesOf(linesOf([tone, age]))).toEqual([tone, age]);
});

it("half a line is no attribute yet", () => {
  expect(attributesOf("age\n: a, b\n\ntone: , \nplace*: in,out")).toEqual([
    { key: "place", values: ["in", "out"], required: true },
  ]);
});
