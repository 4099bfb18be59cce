import { useRef } from "react";
import { messageOf } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { showFailure, showToast } from "@/ui/toasts";
import { documentOf, type OntologyDraft } from "./draft";
import { fileOf, fromFile } from "./ontologyFile";

interface FileButtonsProps {
  /** Of the project, and of the file. */
  readonly name: string;
  readonly draft: OntologyDraft;
  readonly canRead: boolean;
  readonly onRead: (draft: OntologyDraft) => void;
}

/** Reads an ontology from a file into the form, and writes the form to a file. Nothing is saved by it. */
export function FileButtons({ name, draft, canRead, onRead }: FileButtonsProps) {
  const input = useRef<HTMLInputElement>(null);
  async function read(file: File | undefined) {
    if (file === undefined) return;
    try {
      onRead(fromFile(await file.text()));
      showToast(`${file.name} is in the form. Nothing has changed before you save.`);
    } catch (error) {
      showFailure(messageOf(error));
    }
  }
  return (
    <>
      {canRead && (
        <>
          <input
            ref={input}
            type="file"
            accept=".json,application/json"
            hidden
            onChange={(event) => {
              void read(event.target.files?.[0]);
              event.target.value = "";
            }}
            data-testid="ontology-file"
          />
          <Button onClick={() => input.current?.click()}>
            <Icon name="upload" />
            Read a file
          </Button>
        </>
      )}
      <Button onClick={() => download(`${name} classes.json`, fileOf(documentOf(draft)))}>
        <Icon name="download" />
        Download
      </Button>
    </>
  );
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
