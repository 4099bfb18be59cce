import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { newActionId } from "@/api/client";
import { type Sending, sendFile } from "@/api/fileUpload";
import { importUrl } from "@/api/imports";
import { messageOf } from "@/api/problem";
import { importsQuery } from "@/api/queries";
import type { DatasetImport, Id } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { bytesText, percentText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import styles from "./Import.module.css";

interface ImportUploadProps {
  readonly projectId: Id;
  /** Called when the file has arrived. */
  readonly onRead: (id: Id) => void;
}

interface Sent {
  readonly file: File;
  readonly bytes: number;
}

/** Where a dataset is dropped or chosen. The page has to stay open until it has arrived. */
export function ImportUpload({ projectId, onRead }: ImportUploadProps) {
  const queryClient = useQueryClient();
  const [sent, setSent] = useState<Sent | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const sending = useRef<Sending<DatasetImport> | null>(null);
  useEffect(() => () => sending.current?.abort(), []);

  async function send(file: File | undefined): Promise<void> {
    if (file === undefined || sent !== null) return;
    setError(null);
    setSent({ file, bytes: 0 });
    sending.current = sendFile<DatasetImport>(
      { url: importUrl(projectId, file.name), key: newActionId(), file },
      (bytes) => setSent({ file, bytes }),
    );
    try {
      const { id } = await sending.current.answer;
      void queryClient.invalidateQueries({ queryKey: importsQuery(projectId).queryKey });
      onRead(id);
    } catch (caught) {
      if (!(caught instanceof DOMException)) setError(caught);
    } finally {
      sending.current = null;
      setSent(null);
    }
  }

  function hover(event: DragEvent, isOver: boolean): void {
    event.preventDefault();
    setOver(isOver);
  }

  if (sent !== null) {
    const share = sent.file.size === 0 ? 0 : Math.min(1, sent.bytes / sent.file.size);
    return (
      <div className={styles.progress} data-testid="import-upload">
        <strong>{sent.file.name}</strong>
        <ProgressBar value={share} label="Uploading the dataset" />
        <div className={styles.line}>
          <span className={styles.facts}>
            {percentText(share)} of {bytesText(sent.file.size)}. Keep this open until it has arrived.
          </span>
          <Button onClick={() => sending.current?.abort()}>Cancel</Button>
        </div>
      </div>
    );
  }
  return (
    <>
      {error !== null && <Notice tone="bad" title={messageOf(error)} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside offers the same by keyboard. */}
      <div
        className={`${styles.drop} ${over ? styles.over : ""}`}
        onDragEnter={(event) => hover(event, true)}
        onDragOver={(event) => hover(event, true)}
        onDragLeave={(event) => hover(event, false)}
        onDrop={(event) => {
          hover(event, false);
          void send(event.dataTransfer.files[0]);
        }}
        data-testid="import-drop"
      >
        <Icon name="upload" size={24} />
        <span>Drop a zip, JSON or XML file here</span>
        <span className={styles.facts}>
          Exports of Maskloom, SA-V, YouTube-VIS, OVIS, COCO, DAVIS, MOSE, LVOS, YouTube-VOS, CVAT for video
          1.1, or a PNG per object. The videos must be in this project already.
        </span>
        <label className={`${buttonClass()} ${styles.picker}`}>
          Choose a file
          <input
            type="file"
            accept=".zip,.json,.xml,application/zip,application/json,text/xml"
            className={styles.input}
            data-testid="import-input"
            onChange={(event) => {
              void send(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
        </label>
      </div>
    </>
  );
}
