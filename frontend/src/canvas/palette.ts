/** Petroff's eight colours, distinguishable with any colour vision. Never used for interface states. */
const PALETTE = [
  "#1845fb",
  "#ff5e02",
  "#c91f16",
  "#c849a9",
  "#adad7d",
  "#86c8dd",
  "#578dff",
  "#656364",
] as const;

/** Beyond eight objects the colours repeat with another contour. */
export type ContourStyle = "solid" | "dashed" | "dotted";
const DARK = "#090a0c";
const LIGHT = "#ffffff";
const STYLES: readonly ContourStyle[] = ["solid", "dashed", "dotted"];

export interface ObjectLook {
  readonly color: string;
  readonly contour: ContourStyle;
  /** Black or white, whichever reads better on the colour. */
  readonly ink: string;
}

/** The colour of an object or a class, by its number from 0. */
export function colorOf(index: number): string {
  return PALETTE[index % PALETTE.length] ?? PALETTE[0];
}

export function lookOf(colorIndex: number): ObjectLook {
  const index = Math.max(0, Math.trunc(colorIndex));
  const color = colorOf(index);
  const contour = STYLES[Math.floor(index / PALETTE.length) % STYLES.length] ?? "solid";
  return { color, contour, ink: inkOn(color) };
}

/** The look of everything of one class, whatever its number. */
export function lookInColor(color: string): ObjectLook {
  return { color, contour: "solid", ink: inkOn(color) };
}

function inkOn(color: string): string {
  return contrast(color, DARK) > contrast(color, LIGHT) ? DARK : LIGHT;
}

/** The contrast ratio of two colours, 1 to 21 (WCAG 2). */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2). */
function luminance(color: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
