/** Sorts models into lines of descent: each below the one it was trained from. */
import type { Model } from "@/api/types";

export interface Descendant {
  readonly model: Model;
  /** 0 for one whose parent is not here. */
  readonly depth: number;
}

export function lineage(models: readonly Model[]): readonly Descendant[] {
  const versions = new Set(models.map(({ version }) => version));
  const seen = new Set<string>();
  const lines: Descendant[] = [];

  function follow(model: Model, depth: number) {
    if (seen.has(model.name)) return;
    seen.add(model.name);
    lines.push({ model, depth });
    for (const child of models) if (child.parent === model.version) follow(child, depth + 1);
  }

  for (const model of models) if (model.parent === null || !versions.has(model.parent)) follow(model, 0);
  for (const model of models) follow(model, 0); // a circle, which only a forged description can make
  return lines;
}

/** What tuning did to a measure on its held-out videos, as the model's description keeps it. */
export function tunedMeasure(model: Model, measure: string): readonly [number, number] | null {
  const found = child(child(model.metrics, "tuned"), measure);
  const [before, after] = [child(found, "before"), child(found, "after")];
  return typeof before === "number" && typeof after === "number" ? [before, after] : null;
}

function child(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
