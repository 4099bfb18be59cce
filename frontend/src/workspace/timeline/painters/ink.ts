import type { TimelineInk } from "./drawRuler";

/** The timeline's colours as canvases need them, taken from the page's tokens. */
export function timelineInk(): TimelineInk {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    background: token("--bg-1"),
    line: token("--line-strong"),
    text: token("--text-dim"),
    faint: token("--text-faint"),
    accent: token("--accent"),
  };
}
