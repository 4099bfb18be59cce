import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { Icon } from "@/ui/Icon";
import styles from "./DropZone.module.css";

interface DropZoneProps {
  readonly onFiles: (files: readonly File[]) => void;
  /** True for people without the permission to upload. */
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** The whole page takes files; the outline shows only while some are held over it. */
export function DropZone({ onFiles, disabled = false, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  // dragenter and dragleave come in pairs for every child crossed.
  const depth = useRef(0);

  function enter(event: DragEvent, step: 1 | -1) {
    if (disabled || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth.current += step;
    setOver(depth.current > 0);
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0 && !disabled) onFiles(files);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the Upload button offers the same by keyboard.
    <div
      className={styles.zone}
      onDragEnter={(event) => enter(event, 1)}
      onDragLeave={(event) => enter(event, -1)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
      data-testid="drop-zone"
    >
      {children}
      {over && (
        <div className={styles.veil}>
          <Icon name="upload" size={28} />
          Drop videos to upload them
        </div>
      )}
    </div>
  );
}

interface UploadPickerProps {
  readonly onFiles: (files: readonly File[]) => void;
  readonly className: string;
  readonly testId?: string;
}

/** Opens the browser's file picker instead. */
export function UploadPicker({ onFiles, className, testId = "upload-input" }: UploadPickerProps) {
  return (
    <label className={`${className} ${styles.picker}`}>
      <Icon name="upload" />
      Upload videos
      <input
        type="file"
        multiple
        accept="video/*,.mkv,.mov,.avi,.webm,.mp4,.m4v,.ts,.mts,.m2ts,.mxf,.mpg,.m1v,.m2v,.vob,.h264,.264,.hevc,.265,.wmv,.flv,.ogv,.dv,.ivf,.y4m,.gif,.apng"
        className={styles.input}
        data-testid={testId}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </label>
  );
}
