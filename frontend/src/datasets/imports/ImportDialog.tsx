import { useQuery } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { importsQuery } from "@/api/queries";
import type { Id } from "@/api/types";
import { Dialog } from "@/ui/Dialog";
import { Skeleton } from "@/ui/Skeleton";
import styles from "./Import.module.css";
import { ImportDetailsView } from "./ImportDetailsView";
import { ImportRow } from "./ImportRow";
import { ImportUpload } from "./ImportUpload";

interface ImportDialogProps {
  readonly projectId: Id;
  readonly onClose: () => void;
}

/** Takes a dataset in, shows what it would make, and lists what was imported before. */
export function ImportDialog({ projectId, onClose }: ImportDialogProps) {
  const [shown, setShown] = useState<Id | null>(null);
  return (
    <Dialog open onClose={onClose} title="Import dataset" width={760} testId="import-dialog">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keeps files from the page behind, which would take them for videos. */}
      <div className={styles.dialog} onDragEnter={keep} onDragLeave={keep} onDragOver={keep} onDrop={keep}>
        {shown === null ? (
          <>
            <ImportUpload projectId={projectId} onRead={setShown} />
            <PastImports projectId={projectId} onShow={setShown} />
          </>
        ) : (
          <ImportDetailsView importId={shown} projectId={projectId} onBack={() => setShown(null)} />
        )}
      </div>
    </Dialog>
  );
}

function keep(event: DragEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

function PastImports({ projectId, onShow }: { readonly projectId: Id; readonly onShow: (id: Id) => void }) {
  const { data: imports } = useQuery(importsQuery(projectId));
  return (
    <section className={styles.past}>
      <h3>Imports of this project</h3>
      {!imports && <Skeleton height={40} />}
      {imports?.length === 0 && <p className={styles.facts}>None yet. The first one will be listed here.</p>}
      <ul className={styles.list} data-testid="imports">
        {imports?.map((item) => (
          <ImportRow key={item.id} item={item} onShow={() => onShow(item.id)} />
        ))}
      </ul>
    </section>
  );
}
