/** The playback clock: which frame is due now. Pure; the caller brings time in milliseconds. */
export interface PlayClock {
  readonly anchorTime: number;
  readonly anchorFrame: number;
  readonly framesPerSecond: number;
  /** Signed: -1 plays backwards, 2 twice as fast. */
  readonly rate: number;
  readonly loop: { readonly first: number; readonly last: number };
}

export interface Tick {
  readonly frameIndex: number;
  readonly clock: PlayClock;
}

/**
 * The frame to show at `now`. A frame that is not decoded yet is never replaced by a wrong one: the clock waits on
 * the last ready frame before it and goes on from there. At the end of the loop playback starts over.
 */
export function tick(
  clock: PlayClock,
  shown: number,
  now: number,
  isReady: (frameIndex: number) => boolean,
): Tick {
  const elapsed = ((now - clock.anchorTime) / 1000) * clock.framesPerSecond * Math.abs(clock.rate);
  const step = clock.rate < 0 ? -1 : 1;
  const due = clock.anchorFrame + step * Math.floor(elapsed + 1e-6);
  const { first, last } = clock.loop;
  if (due > last || due < first) {
    const start = step === 1 ? first : last;
    return { frameIndex: start, clock: { ...clock, anchorTime: now, anchorFrame: start } };
  }
  if (isReady(due)) return { frameIndex: due, clock };
  let reached = shown;
  for (let next = shown + step; step * (due - next) >= 0 && isReady(next); next += step) reached = next;
  return { frameIndex: reached, clock: { ...clock, anchorTime: now, anchorFrame: reached } };
}
