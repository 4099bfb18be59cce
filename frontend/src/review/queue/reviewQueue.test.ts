import { describe, expect, it } from "vitest";
import type { ReviewItem } from "@/api/types";
import { currentOf, EMPTY_REVIEW, neighbourOf, queueOf, type ReviewEvent, reduceReview } from "./reviewQueue";

function makeItem(id: string): ReviewItem {
  return { masklet: { id } } as ReviewItem;
}

const items = ["a", "b", "c"].map(makeItem);
const ids = (queue: readonly ReviewItem[]) => queue.map((item) => item.masklet.id);
const replay = (...events: readonly ReviewEvent[]) => events.reduce(reduceReview, EMPTY_REVIEW);

function decide(id: string, next: string | null): ReviewEvent {
  return { type: "decided", item: makeItem(id), verdict: "satisfactory", next };
}

describe("the queue", () => {
  it("starts at its riskiest masklet", () => {
    expect(currentOf(queueOf(items, EMPTY_REVIEW), EMPTY_REVIEW)?.masklet.id).toBe("a");
  });

  it("advances as soon as a verdict is given, before the server has answered", () => {
    const state = replay(decide("a", "b"));
    expect(ids(queueOf(items, state))).toEqual(["b", "c"]);
    expect(currentOf(queueOf(items, state), state)?.masklet.id).toBe("b");
  });

  it("shows a masklet again that comes back after its verdict was stored", () => {
    const state = replay(decide("a", "b"), { type: "settled", id: "a" });
    expect(ids(queueOf(items, state))).toEqual(["a", "b", "c"]);
  });

  it("puts skipped masklets last, in the order they were skipped", () => {
    const state = replay({ type: "skipped", id: "b", next: "c" }, { type: "skipped", id: "a", next: "c" });
    expect(ids(queueOf(items, state))).toEqual(["c", "b", "a"]);
  });
});

describe("undo", () => {
  it("takes back the last verdict and returns to its masklet", () => {
    const state = replay(decide("a", "b"), decide("b", "c"), { type: "returned", id: "b" });
    expect(state.selected).toBe("b");
    expect(ids(queueOf(items, state))).toEqual(["b", "c"]);
    expect(state.decisions.map((decision) => decision.item.masklet.id)).toEqual(["a"]);
  });
});

describe("reason chips", () => {
  it("close with the verdict, with a skip and with another selection", () => {
    const asked: ReviewEvent = { type: "reason-asked" };
    expect(replay(asked).choosingReason).toBe(true);
    expect(replay(asked, decide("a", "b")).choosingReason).toBe(false);
    expect(replay(asked, { type: "skipped", id: "a", next: "b" }).choosingReason).toBe(false);
    expect(replay(asked, { type: "selected", id: "b" }).choosingReason).toBe(false);
  });
});

describe("remarks", () => {
  const marked: ReviewEvent = { type: "reason-toggled", reason: "lost" };

  it("gather several reasons, a note and a frame, and a reason can be taken back", () => {
    const state = replay(
      { type: "reason-asked" },
      marked,
      { type: "reason-toggled", reason: "boundary" },
      { type: "remarked", remarks: { note: "The tail.", frame: 8 } },
      marked,
    );
    expect(state.remarks).toEqual({ reasons: ["boundary"], note: "The tail.", frame: 8 });
  });

  it("do not stay for the next masklet", () => {
    expect(replay({ type: "reason-asked" }, marked, decide("a", "b")).remarks.reasons).toEqual([]);
  });
});

describe("neighbourOf", () => {
  it("goes round in both directions", () => {
    expect([neighbourOf(items, "c", 1), neighbourOf(items, "a", -1)]).toEqual(["a", "c"]);
  });

  it("the only masklet has no neighbour", () => {
    expect(neighbourOf([makeItem("a")], "a", 1)).toBeNull();
  });
});
