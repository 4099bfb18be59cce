import { Button, IconButton } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { bytesText, etaText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import styles from "./UploadList.module.css";
import { removeUpload, retryUpload, useUploader } from "./uploader";
import { type Upload, uploadEta } from "./uploads";

/** The files of one project that are still leaving this machine, or were refused. */
export function UploadList({ projectId }: { readonly projectId: string }) {
  const uploads = useUploader((uploader) => uploader.uploads);
  const own = uploads.filter((upload) => upload.projectId === projectId);
  if (own.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Uploads">
      {own.map((upload) => (
        <li key={upload.key} data-testid="upload" data-state={upload.at}>
          {upload.at === "refused" && <Refused upload={upload} />}
          {upload.at === "held" && <Held upload={upload} />}
          {(upload.at === "waiting" || upload.at === "sending") && <UploadRow upload={upload} />}
        </li>
      ))}
    </ul>
  );
}

function UploadRow({ upload }: { readonly upload: Upload }) {
  const sent = upload.at === "sending" ? upload.sent : 0;
  const numbers = upload.at === "sending" ? `${bytesText(sent)} of ${bytesText(upload.size)}` : "waiting";
  const checking = upload.at === "sending" && sent === upload.size;
  const eta = checking ? "handing over" : etaText(uploadEta(upload));
  return (
    <div className={styles.row}>
      <span className={styles.name} title={upload.name}>
        {upload.name}
      </span>
      <ProgressBar value={upload.size === 0 ? 0 : sent / upload.size} label={`Uploading ${upload.name}`} />
      <span className={styles.numbers}>
        {numbers}
        {eta && `, ${eta}`}
      </span>
      <IconButton label={`Cancel upload of ${upload.name}`} onClick={() => removeUpload(upload.key)}>
        <Icon name="close" size={14} />
      </IconButton>
    </div>
  );
}

function Held({ upload }: { readonly upload: Upload & { readonly at: "held" } }) {
  const actions = (
    <>
      <Button onClick={() => retryUpload(upload.key)}>Try now</Button>
      <Button onClick={() => removeUpload(upload.key)}>Cancel</Button>
    </>
  );
  return (
    <Notice tone="warn" title={`${upload.name}: ${upload.problem.title}`} actions={actions}>
      It is sent again by itself; keep this tab open.
    </Notice>
  );
}

function Refused({ upload }: { readonly upload: Upload & { readonly at: "refused" } }) {
  const { problem } = upload;
  const actions = (
    <>
      {upload.again && <Button onClick={() => retryUpload(upload.key)}>Try again</Button>}
      <Button onClick={() => removeUpload(upload.key)}>Dismiss</Button>
    </>
  );
  return (
    <Notice tone="bad" title={`${upload.name}: ${problem.title}`} actions={actions}>
      {problem.detail}
    </Notice>
  );
}
