import { describe, expect, it } from "vitest";
import { screenPoint, videoPoint } from "@/geometry/points";
import { TOOLS, type ToolId } from "./registry";
import type { Gesture, PointerInput } from "./tool";
import { toolOf } from "./tools";

function pointer(
  type: "down" | "move" | "up",
  x: number,
  y: number,
  held: { negative?: boolean; straight?: boolean } = {},
): PointerInput {
  return {
    type,
    video: videoPoint(x, y),
    screen: screenPoint(x, y),
    negative: held.negative ?? false,
    straight: held.straight ?? false,
  };
}

function gestures(tool: ToolId, inputs: readonly PointerInput[]): Gesture[] {
  const hand = toolOf(tool).pickUp();
  return inputs.flatMap((input) => hand.take(input) ?? []);
}

describe("the point tool", () => {
  it("makes a positive point of a click", () => {
    const made = gestures("point", [pointer("down", 10, 10), pointer("move", 11, 10), pointer("up", 11, 10)]);
    expect(made).toEqual([{ kind: "click", at: { x: 10, y: 10 }, positive: true }]);
  });

  it("makes a negative point of a click with the other button or a modifier", () => {
    const made = gestures("point", [pointer("down", 5, 6, { negative: true }), pointer("up", 5, 6)]);
    expect(made).toEqual([{ kind: "click", at: { x: 5, y: 6 }, positive: false }]);
  });

  it("makes a box of a drag, whichever way it goes", () => {
    const made = gestures("point", [pointer("down", 50, 40), pointer("move", 20, 30), pointer("up", 10, 20)]);
    expect(made).toEqual([{ kind: "box", box: { x0: 10, y0: 20, x1: 50, y1: 40 } }]);
  });
});

describe("the box tool", () => {
  it("takes a drag too short to be a box for a slip", () => {
    expect(gestures("box", [pointer("down", 5, 5), pointer("up", 6, 6)])).toEqual([]);
  });
});

describe("the brush", () => {
  it("collects the stroke", () => {
    const made = gestures("brush", [pointer("down", 0, 0), pointer("move", 5, 0), pointer("up", 9, 0)]);
    expect(made).toMatchObject([{ kind: "stroke", erases: false, points: [{ x: 0 }, { x: 5 }, { x: 9 }] }]);
  });

  it("paints a straight line with Shift", () => {
    const straight = { straight: true, negative: true };
    const made = gestures("brush", [
      pointer("down", 0, 0, straight),
      pointer("move", 5, 8, straight),
      pointer("up", 9, 0, straight),
    ]);
    expect(made).toMatchObject([{ kind: "stroke", erases: false, points: [{ x: 0 }, { x: 9 }] }]);
  });

  it("erases with the right button", () => {
    const made = gestures("brush", [pointer("down", 0, 0, { negative: true }), pointer("up", 9, 0)]);
    expect(made).toMatchObject([{ kind: "stroke", erases: true }]);
  });
});

describe.each(TOOLS)("the $id tool", ({ pickUp }) => {
  it("abandons a gesture on Escape from every state", () => {
    for (const begun of [[], [pointer("down", 5, 5)], [pointer("down", 5, 5), pointer("move", 60, 60)]]) {
      const hand = pickUp();
      for (const input of begun) hand.take(input);
      expect(hand.take({ type: "cancel" })).toBeUndefined();
      expect(hand.busy).toBe(false);
      expect(hand.take(pointer("up", 60, 60))).toBeUndefined();
    }
  });
});
