import { expect, it } from "vitest";
import { contrast, lookOf } from "./palette";

it.each(Array.from({ length: 24 }, (_, index) => index))(
  "the number of object %i reads on its colour",
  (index) => {
    const { color, ink } = lookOf(index);
    expect(contrast(color, ink)).toBeGreaterThan(4.5);
  },
);
