import type { Model, Models } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { bytesText, countText } from "@/ui/numbers";
import { TableScroll } from "@/ui/TableScroll";
import { lineage, tunedMeasure } from "./lineage";
import styles from "./ModelList.module.css";

interface ModelListProps {
  readonly models: Models;
  readonly shown: string | null;
  readonly onShow: (name: string) => void;
}

/** Every model in one row, below the one it was trained from; a row opens its card. */
export function ModelList({ models, shown, onShow }: ModelListProps) {
  return (
    <TableScroll label="Models">
      <table className={styles.table} data-testid="models">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Version</th>
            <th scope="col">Parameters</th>
            <th scope="col">Input</th>
            <th scope="col">File</th>
            <th scope="col">J&amp;F, before → after</th>
            <th scope="col">Used by</th>
          </tr>
        </thead>
        <tbody>
          {lineage(models.models).map(({ model, depth }) => (
            <tr key={model.name} aria-current={model.name === shown ? "true" : undefined}>
              <td style={{ paddingLeft: 12 + 18 * Math.min(depth, 6) }}>
                {depth > 0 && (
                  <span className={styles.branch} aria-hidden="true">
                    └
                  </span>
                )}
                <button type="button" className={styles.name} onClick={() => onShow(model.name)}>
                  {model.name}
                </button>
                <Marks model={model} />
              </td>
              <td className={styles.code}>{model.version}</td>
              <td>{(model.num_parameters / 1e6).toFixed(1)} M</td>
              <td>{model.input_size} px</td>
              <td>{model.num_bytes === 0 ? "–" : bytesText(model.num_bytes)}</td>
              <td>{gainText(model)}</td>
              <td>{usersText(model, models.num_projects_on_default)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Marks({ model }: { readonly model: Model }) {
  return (
    <span className={styles.marks}>
      {model.is_default && <Badge tone="accent">default</Badge>}
      {model.builtin && <Badge>built in</Badge>}
      {model.loaded && <Badge>in memory</Badge>}
      {model.problem !== null && <Badge tone="bad">{model.problem}</Badge>}
      {model.limit !== null && <Badge tone="warn">{model.limit}</Badge>}
    </span>
  );
}

/** From a mask, on the videos its tuning held out. */
function gainText(model: Model): string {
  const measured = tunedMeasure(model, "J&F, mask");
  return measured === null ? "–" : measured.map((value) => value.toFixed(1)).join(" → ");
}

function usersText({ projects, is_default }: Model, onDefault: number): string {
  const users = projects.map(({ name }) => name);
  if (is_default && onDefault > 0) users.push(`${countText(onDefault, "project")} by default`);
  return users.join(", ") || "–";
}
