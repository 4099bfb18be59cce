import type { Model } from "@/api/types";
import { bytesText, dateText } from "@/ui/numbers";
import styles from "./ModelPage.module.css";

interface ModelFactsProps {
  readonly model: Model;
  /** Device and precision of the model server. */
  readonly server: string;
}

export function ModelFacts({ model, server }: ModelFactsProps) {
  const facts: readonly (readonly [string, string])[] = [
    ["Version", model.version],
    ["Configuration", model.config_name],
    ["Input", `${model.input_size} × ${model.input_size} px`],
    ["Parameters", `${(model.num_parameters / 1e6).toFixed(1)} M`],
    ["File", model.num_bytes === 0 ? "–" : bytesText(model.num_bytes)],
    ["SHA-256", model.digest],
    ["From", model.origin],
    ["Added", model.added_at === null ? "–" : dateText(model.added_at)],
    ["Trained from", model.parent ?? "–"],
    ["Server", server],
  ];
  const metrics = metricRows(model.metrics);
  return (
    <aside className={styles.facts}>
      <FactList title="Model" rows={facts} />
      {metrics.length > 0 && <FactList title="Measured" rows={metrics} />}
    </aside>
  );
}

interface FactListProps {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

function FactList({ title, rows }: FactListProps) {
  return (
    <section>
      <h2>{title}</h2>
      <dl>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Flat numbers and words only; anything deeper is for the card to explain. */
function metricRows(metrics: Model["metrics"]): readonly (readonly [string, string])[] {
  return Object.entries(metrics).flatMap(([name, value]) => {
    const label = name.replaceAll("_", " ");
    if (typeof value === "number") return [[label, String(Number(value.toPrecision(4)))] as const];
    return typeof value === "string" ? [[label, value] as const] : [];
  });
}
