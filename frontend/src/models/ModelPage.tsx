import { useQuery } from "@tanstack/react-query";
import { modelQuery } from "@/api/queries";
import type { ModelInfo } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { Markdown } from "./Markdown";
import styles from "./ModelPage.module.css";

export function ModelPage() {
  const { data: model, error, refetch } = useQuery(modelQuery);
  return (
    <div className={styles.page} data-testid="model-page">
      {error && !model && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!model && !error && <Skeleton height={320} />}
      {model && (
        <>
          <header className={styles.header}>
            <h1>{model.name}</h1>
            <Badge>{model.device.startsWith("cuda") ? "GPU" : "CPU"}</Badge>
            {model.builtin && <Badge tone="accent">built in</Badge>}
          </header>
          <div className={styles.columns}>
            <article className={styles.card} aria-label="Model card">
              {model.card.trim() === "" ? (
                <p>This model came without a card.</p>
              ) : (
                <Markdown source={model.card} />
              )}
            </article>
            <Facts model={model} />
          </div>
        </>
      )}
    </div>
  );
}

function Facts({ model }: { readonly model: ModelInfo }) {
  const facts: readonly (readonly [string, string])[] = [
    ["Version", model.version],
    ["Configuration", model.config_name],
    ["Input", `${model.input_size} × ${model.input_size} px`],
    ["Parameters", `${(model.num_parameters / 1e6).toFixed(1)} M`],
    ["Runs on", `${model.device}, ${model.precision}`],
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
function metricRows(metrics: ModelInfo["metrics"]): readonly (readonly [string, string])[] {
  return Object.entries(metrics).flatMap(([name, value]) => {
    const label = name.replaceAll("_", " ");
    if (typeof value === "number") return [[label, String(Number(value.toPrecision(4)))] as const];
    return typeof value === "string" ? [[label, value] as const] : [];
  });
}
