import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Pace } from "./pace";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function answerAfter(milliseconds: number): () => Promise<string> {
  return () => new Promise((resolve) => setTimeout(() => resolve("answer"), milliseconds));
}

async function asked(pace: Pace, milliseconds: number): Promise<string> {
  const answer = pace.timed(answerAfter(milliseconds));
  await vi.advanceTimersByTimeAsync(milliseconds);
  return answer;
}

it("asks as often as wanted while answers are quick", async () => {
  const pace = new Pace(5000);
  expect(pace.interval).toBe(5000);
  expect(await asked(pace, 40)).toBe("answer");
  expect(pace.interval).toBe(5000);
});

it("leaves a server alone that takes long to answer, until it is quick again", async () => {
  const pace = new Pace(15_000);
  await asked(pace, 3000);
  expect(pace.interval).toBe(60_000);
  await asked(pace, 100);
  expect(pace.interval).toBe(15_000);
});
