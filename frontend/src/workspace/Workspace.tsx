import type { Video } from "@/api/types";
import { HiddenWords } from "@/ui/HiddenWords";
import { ObjectsPanel } from "./panels/objects/ObjectsPanel";
import { ToolRail } from "./panels/ToolRail";
import { TopBarParts } from "./panels/topBar/TopBarParts";
import { TransportBar } from "./panels/transport/TransportBar";
import { ShortcutSheet } from "./shortcuts/ShortcutSheet";
import { useShortcuts } from "./shortcuts/useShortcuts";
import { BarrierNotice } from "./stage/BarrierNotice";
import { CandidateHint } from "./stage/CandidateHint";
import { LockHint } from "./stage/LockHint";
import { PromptProblemHint } from "./stage/PromptProblemHint";
import { RefusedNotice } from "./stage/RefusedNotice";
import { Stage } from "./stage/Stage";
import { StageNotice } from "./stage/StageNotice";
import { Timeline } from "./timeline/Timeline";
import styles from "./Workspace.module.css";

/** Tools, stage, objects, timeline: fixed zones, so that nothing ever jumps. */
export function Workspace({ video }: { readonly video: Video }) {
  useShortcuts();
  return (
    <div className={styles.workspace} data-testid="workspace">
      <HiddenWords>
        <h1>{video.name}</h1>
      </HiddenWords>
      <TopBarParts />
      <ToolRail />
      <div className={styles.stage}>
        <Stage />
        <CandidateHint />
        <LockHint />
        <PromptProblemHint />
        <StageNotice />
        <BarrierNotice />
        <RefusedNotice />
      </div>
      <ObjectsPanel video={video} />
      <div className={styles.below}>
        <TransportBar />
        <Timeline filmstrip={video.filmstrip} />
      </div>
      <ShortcutSheet />
    </div>
  );
}
