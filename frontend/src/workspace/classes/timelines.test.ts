import { expect, it } from "vitest";
import { holding, valueAt, withValues } from "./timelines";

const said = (value: string | boolean | null, frame_index: number) => ({
  attribute_id: "a",
  frame_index,
  value,
});

it("a value holds from its frame until the next one", () => {
  const timeline = { 4: true, 12: false };
  expect([0, 4, 11, 12, 99].map((frame) => valueAt(timeline, frame))).toEqual([
    null,
    true,
    true,
    false,
    false,
  ]);
  expect(holding(timeline, 11)).toEqual({ value: true, from: 4 });
  expect(holding(undefined, 3)).toBeNull();
});

it.each([
  [[said(true, 8), said(false, 20)], { a: { 8: true, 20: false } }],
  [[said(true, 8), said(true, 12)], { a: { 8: true } }],
  [[said(true, 8), said(false, 20), said(false, 8)], { a: { 8: false } }],
  [[said(true, 8), said(null, 12)], { a: { 8: true, 12: null } }],
  [[said(true, 8), said(null, 8)], {}],
])("values are settled as the server settles them: %j", (changes, expected) => {
  expect(withValues({}, changes)).toEqual(expected);
});
