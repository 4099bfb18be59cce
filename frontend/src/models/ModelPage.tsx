import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelQuery, modelsQuery } from "@/api/queries";
import type { Model, Models } from "@/api/types";
import { LoadFailed, Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { DefaultModel } from "./DefaultModel";
import { Markdown } from "./Markdown";
import { ModelFacts } from "./ModelFacts";
import { ModelList } from "./ModelList";
import styles from "./ModelPage.module.css";
import { TuneLinks } from "./TuneLinks";

/** Every model of the server with its card and facts. */
export function ModelPage() {
  const { data: models, error, refetch } = useQuery(modelsQuery);
  return (
    <div className={styles.page} data-testid="model-page">
      <header className={styles.header}>
        <h1>Models</h1>
        <p className={styles.hint}>
          Each project chooses one. More come with <code>maskloom models fetch</code>,{" "}
          <code>maskloom models add</code>, and by tuning one on what a project has verified.
        </p>
      </header>
      {error && !models && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!models && !error && <Skeleton height={320} />}
      {models && <Catalogue models={models} />}
    </div>
  );
}

function Catalogue({ models }: { readonly models: Models }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = models.models.find(({ name }) => name === chosen) ?? models.models[0];
  return (
    <>
      {models.missing.map(({ name, projects }) => (
        <Notice key={name} tone="warn" title={`${name} was removed`} testId="missing-model">
          {`Chosen by ${projects.map((project) => project.name).join(", ")}. Give them another model in their settings, or add it again.`}
        </Notice>
      ))}
      <ModelList models={models} shown={shown?.name ?? null} onShow={setChosen} />
      <TuneLinks />
      {shown && <DefaultModel key={`default ${shown.name}`} models={models} shown={shown} />}
      {shown && <ModelCard key={shown.name} model={shown} />}
    </>
  );
}

function ModelCard({ model }: { readonly model: Model }) {
  const { data: running } = useQuery(modelQuery);
  return (
    <div className={styles.columns}>
      <article className={styles.card} aria-label="Model card">
        {model.card.trim() === "" ? <p>This model came without a card.</p> : <Markdown source={model.card} />}
      </article>
      <ModelFacts
        model={model}
        server={running === undefined ? "–" : `${running.device}, ${running.precision}`}
      />
    </div>
  );
}
