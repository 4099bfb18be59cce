import type { DatasetImport } from "@/api/types";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { dateText, etaText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import styles from "./Import.module.css";
import { importFacts, shareOf } from "./importWords";

/** One import in the list: how far it is, and the way to it. */
export function ImportRow({ item, onShow }: { readonly item: DatasetImport; readonly onShow: () => void }) {
  return (
    <li className={styles.row} data-testid="import-row" data-state={item.state}>
      <div className={styles.words}>
        <span className={styles.name}>
          {item.file_name}
          <span className={styles.facts}>{dateText(item.created_at)}</span>
        </span>
        {item.problem ? (
          <Notice tone="bad" title={item.problem.title}>
            {item.problem.detail}
          </Notice>
        ) : (
          <span className={styles.facts}>{importFacts(item)}</span>
        )}
        <ImportProgress item={item} />
      </div>
      <Button onClick={onShow} data-testid="show-import">
        {item.state === "ready" ? "Look at it" : "Show"}
      </Button>
    </li>
  );
}

/** Its progress while it is read or written. */
export function ImportProgress({ item }: { readonly item: DatasetImport }) {
  if (item.state !== "received" && item.state !== "writing") return null;
  return (
    <div className={styles.progress}>
      <ProgressBar value={shareOf(item)} label={item.state === "received" ? "Being read" : "Importing"} />
      <span className={styles.facts}>{item.job && etaText(item.job.eta_seconds)}</span>
    </div>
  );
}
