import { useState } from "react";
import type { Id } from "@/api/types";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { ExportDialog } from "./ExportDialog";

/** Opens the exports of a project. */
export function ExportButton({ projectId }: { readonly projectId: Id }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="export">
        <Icon name="download" />
        Export
      </Button>
      <ExportDialog projectId={projectId} open={open} onClose={() => setOpen(false)} />
    </>
  );
}
