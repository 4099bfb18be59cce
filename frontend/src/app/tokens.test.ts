import { expect, it } from "vitest";
import { contrast } from "@/canvas/palette";
import css from "./tokens.css?raw";

/** The first value of a token, which is the one without a preference for more contrast. */
function token(name: string): string {
  const value = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(css)?.[1];
  if (value === undefined) throw new Error(`There is no colour ${name}`);
  return value;
}

/** An overlay of `alpha` of one colour on another. */
function mixed(color: string, alpha: number, ground: string): string {
  const channel = (at: number) => {
    const [over, under] = [color, ground].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Math.round((over ?? 0) * alpha + (under ?? 0) * (1 - alpha));
  };
  return `#${[1, 3, 5].map((at) => channel(at).toString(16).padStart(2, "0")).join("")}`;
}

const GROUNDS: readonly (readonly [string, string])[] = [
  ...["bg-0", "bg-1", "bg-2", "bg-3"].map((name) => [name, token(name)] as const),
  ...["bg-1", "bg-2"].map(
    (name) => [`the accent on ${name}`, mixed(token("accent"), 0.16, token(name))] as const,
  ),
];

it.each(
  ["text", "text-dim", "text-faint", "accent", "good", "warn"].flatMap((ink) =>
    GROUNDS.map(([name, ground]) => [ink, name, ground] as const),
  ),
)("%s reads on %s", (ink, _name, ground) => {
  expect(contrast(token(ink), ground)).toBeGreaterThan(4.5);
});
