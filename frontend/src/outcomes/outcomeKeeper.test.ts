import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { problemFrom, unreachable } from "@/api/problem";
import type { KeptOutcome, Press } from "./outcome";
import { OutcomeKeeper } from "./outcomeKeeper";

const SUBMIT: Press = {
  outcome: { kind: "submit", task: { id: "task", epoch: 2 } },
  name: "Submit ball.mp4",
  done: "Submitted",
  place: "/videos/video",
};
const HAND_BACK: Press = {
  ...SUBMIT,
  outcome: { kind: "hand back", task: { id: "task", epoch: 2 }, reason: null },
};
const LOST = problemFrom(409, { type: "urn:maskloom:problem:lease-lost", title: "Lost" });

/** The browser: what its pages share, and a service that can be away. */
class Browser {
  readonly storage = new Map<string, string>();
  readonly locks = new Map<string, Promise<void>>();
  readonly tried: KeptOutcome[] = [];
  failure: unknown = unreachable();
  arrived = false;
  hasRoom = true;

  page(): OutcomeKeeper {
    const keeper = new OutcomeKeeper({
      storage: this.asStorage(),
      send: async (kept) => {
        this.tried.push(kept);
        if (this.failure !== null) throw this.failure;
        return "stored";
      },
      hasArrived: async () => {
        if (this.failure !== null) throw this.failure;
        return this.arrived;
      },
      alone: (id, work) => {
        const free = this.locks.get(id) ?? Promise.resolve();
        this.locks.set(id, free.then(work));
      },
    });
    keeper.actFor("ann");
    return keeper;
  }

  /** A page is closed, or reloaded: its locks are free, and nothing of it goes on. */
  close(): void {
    vi.clearAllTimers();
    this.locks.clear();
  }

  private asStorage(): Storage {
    const { storage } = this;
    const setItem = (key: string, text: string) => {
      if (!this.hasRoom) throw new DOMException("full", "QuotaExceededError");
      storage.set(key, text);
    };
    return {
      get length() {
        return storage.size;
      },
      key: (index) => [...storage.keys()][index] ?? null,
      getItem: (key) => storage.get(key) ?? null,
      setItem,
      removeItem: (key) => void storage.delete(key),
      clear: () => storage.clear(),
    };
  }
}

let browser: Browser;
beforeEach(() => {
  vi.useFakeTimers();
  browser = new Browser();
});
afterEach(() => {
  vi.useRealTimers();
});

const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);
const states = (keeper: OutcomeKeeper) => keeper.kept.map(({ state }) => state.at);

describe("a press while the service is away", () => {
  it.each([
    ["the connection breaks", unreachable()],
    ["a proxy answers 502", problemFrom(502, "<html>Bad gateway</html>")],
    ["the database is down", problemFrom(503, { type: "urn:maskloom:problem:database-unavailable" }, 1)],
    ["a proxy gives up", problemFrom(504, "")],
    ["the disk is full", problemFrom(507, { type: "urn:maskloom:problem:disk-full" })],
    ["the person has to sign in again", problemFrom(401, { type: "urn:maskloom:problem:not-signed-in" })],
  ])("is kept and repeated under one key until it is answered, where %s", async (_where, failure) => {
    browser.failure = failure;
    const page = browser.page();
    const pressed = page.press(SUBMIT);
    const settled = vi.fn();
    void pressed.settled.then(settled);
    await minutes(60);
    expect(states(page)).toEqual(["waiting"]);
    expect(settled).not.toHaveBeenCalled();
    browser.failure = null;
    await minutes(1);
    expect(await pressed.settled).toEqual({ at: "done", answer: "stored" });
    expect(page.kept).toEqual([]);
    expect(browser.storage.size).toBe(0);
    expect(new Set(browser.tried.map(({ id }) => id))).toEqual(new Set([pressed.id]));
    const numTries = browser.tried.length;
    await minutes(5);
    expect(browser.tried.length).toBe(numTries);
  });

  it("is sent at once when the service is known to be back", async () => {
    const page = browser.page();
    const { settled } = page.press(SUBMIT);
    await minutes(5);
    browser.failure = null;
    page.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect((await settled).at).toBe("done");
  });

  it("waits no longer than the server asks, and no shorter", async () => {
    browser.failure = problemFrom(503, { type: "urn:maskloom:problem:database-unavailable" }, 20);
    browser.page().press(SUBMIT);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(browser.tried.length).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(browser.tried.length).toBe(2);
  });
});

describe("taking back", () => {
  it("ends the tries, and is over once the service has said that nothing had arrived", async () => {
    const page = browser.page();
    const { id, settled } = page.press(SUBMIT);
    await minutes(1);
    page.takeBack(id);
    const numTries = browser.tried.length;
    await minutes(5);
    expect(states(page)).toEqual(["taking back"]);
    expect(browser.tried.length).toBe(numTries);
    browser.failure = null;
    await minutes(1);
    expect(await settled).toEqual({ at: "taken back" });
    expect(browser.tried.length).toBe(numTries);
    expect(browser.storage.size).toBe(0);
  });

  it("tells that it is done where it had arrived before the connection broke", async () => {
    const page = browser.page();
    const { id, settled } = page.press(SUBMIT);
    await minutes(1);
    page.takeBack(id);
    [browser.failure, browser.arrived] = [null, true];
    await minutes(1);
    expect((await settled).at).toBe("done");
  });

  it("leaves room for another press about the same task", async () => {
    const page = browser.page();
    const { id, settled } = page.press(SUBMIT);
    await minutes(1);
    page.takeBack(id);
    const other = page.press(HAND_BACK);
    expect((await settled).at).toBe("taken back");
    browser.failure = null;
    await minutes(1);
    expect((await other.settled).at).toBe("done");
    expect(browser.tried.at(-1)?.outcome.kind).toBe("hand back");
  });
});

describe("the next page", () => {
  it("shows what waits, and goes on under the same key", async () => {
    const { id } = browser.page().press(SUBMIT);
    await minutes(1);
    browser.close();
    const settled = vi.fn();
    const next = browser.page();
    next.onSettled(settled);
    await vi.advanceTimersByTimeAsync(0);
    expect(next.kept.map((kept) => [kept.id, kept.state.at, kept.attended])).toEqual([
      [id, "waiting", false],
    ]);
    browser.failure = null;
    await minutes(1);
    expect(settled).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id }), {
      at: "done",
      answer: "stored",
    });
    expect(browser.tried.at(-1)?.id).toBe(id);
  });

  it("takes up a press that the page before had not even sent", async () => {
    browser.page().press(SUBMIT);
    expect(browser.storage.size).toBe(1);
    browser.close();
    browser.failure = null;
    browser.page();
    await minutes(1);
    expect(browser.storage.size).toBe(0);
    expect(browser.tried.length).toBeGreaterThan(0);
  });

  it("does not send what was taken back before the reload", async () => {
    const page = browser.page();
    const { id } = page.press(SUBMIT);
    await minutes(1);
    page.takeBack(id);
    browser.close();
    const numTries = browser.tried.length;
    browser.failure = null;
    const next = browser.page();
    await minutes(1);
    expect(next.kept).toEqual([]);
    expect(browser.tried.length).toBe(numTries);
  });

  it("leaves alone what another page is sending", async () => {
    const first = browser.page();
    first.press(SUBMIT);
    const second = browser.page();
    await minutes(1);
    expect(second.kept).toEqual([]);
    browser.failure = null;
    await minutes(1);
    expect([first.kept, second.kept]).toEqual([[], []]);
    expect(browser.tried.filter(({ attended }) => !attended)).toEqual([]);
  });

  it("leaves alone what is somebody else's, and gives it back to them", async () => {
    const { id } = browser.page().press(SUBMIT);
    await minutes(1);
    browser.close();
    const page = browser.page();
    page.actFor("ben");
    browser.failure = null;
    const numTries = browser.tried.length;
    await minutes(5);
    expect(page.kept).toEqual([]);
    expect(browser.tried.length).toBe(numTries);
    page.actFor("ann");
    await minutes(1);
    expect(browser.tried.at(-1)?.id).toBe(id);
    expect(browser.storage.size).toBe(0);
  });
});

describe("a refused press", () => {
  it("is told at once to whoever pressed", async () => {
    browser.failure = LOST;
    const page = browser.page();
    expect(await page.press(SUBMIT).settled).toEqual({ at: "refused", error: LOST, kept: false });
    expect(page.kept).toEqual([]);
    expect(browser.storage.size).toBe(0);
  });

  it("is shown until the person has seen why, if it had waited", async () => {
    const page = browser.page();
    const { id, settled } = page.press(SUBMIT);
    await minutes(1);
    browser.failure = LOST;
    await minutes(1);
    expect(await settled).toEqual({ at: "refused", error: LOST, kept: true });
    browser.close();
    const next = browser.page();
    await minutes(1);
    expect(next.kept.map(({ state }) => state)).toEqual([{ at: "refused", message: "Lost" }]);
    next.dismiss(id);
    expect(next.kept).toEqual([]);
    expect(browser.storage.size).toBe(0);
  });
});

it("a page that could not store a press is at risk until that is answered", async () => {
  const page = browser.page();
  browser.hasRoom = false;
  page.press(SUBMIT);
  await minutes(1);
  expect(page.isAtRisk).toBe(true);
  browser.failure = null;
  await minutes(1);
  expect(page.isAtRisk).toBe(false);
});
