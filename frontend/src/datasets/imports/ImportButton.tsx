import { useState } from "react";
import type { Id } from "@/api/types";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { ImportDialog } from "./ImportDialog";

/** Opens the imports of a project. */
export function ImportButton({ projectId }: { readonly projectId: Id }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="import">
        <Icon name="folder" />
        Import
      </Button>
      {open && <ImportDialog projectId={projectId} onClose={() => setOpen(false)} />}
    </>
  );
}
