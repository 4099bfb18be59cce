import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { repeated } from "./holdup";
import { problemFrom, type RequestFailed, unreachable } from "./problem";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a repeated write", () => {
  it("comes through a restart of the server, and waits as long as the server asks", async () => {
    const failures: RequestFailed[] = [unreachable(), problemFrom(503, "", 4), problemFrom(500, "")];
    const send = vi.fn(async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return "stored";
    });
    const sent = repeated(send);
    await vi.advanceTimersByTimeAsync(4000);
    expect(send).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await sent).toBe("stored");
  });

  it("ends with a refused one, and with an outage that lasts", async () => {
    const refused = problemFrom(409, { type: "urn:maskloom:problem:lease-held", title: "Held" });
    await expect(repeated(() => Promise.reject(refused))).rejects.toBe(refused);
    const lasting = expect(repeated(() => Promise.reject(unreachable()))).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(200_000);
    await lasting;
  });
});
