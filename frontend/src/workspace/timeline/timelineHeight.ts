/** The height of the timeline in CSS pixels, kept across visits. */
const KEY = "maskloom-timeline-height";
export const LOWEST = 140;
export const HIGHEST = 420;
const USUAL = 208;

export function clampHeight(height: number): number {
  return Math.min(Math.max(Math.round(height), LOWEST), HIGHEST);
}

export function rememberedHeight(): number {
  const height = Number(window.localStorage.getItem(KEY) ?? USUAL);
  return Number.isFinite(height) ? clampHeight(height) : USUAL;
}

export function rememberHeight(height: number): void {
  try {
    window.localStorage.setItem(KEY, String(height));
  } catch {
    // Only a convenience.
  }
}
