import { type CSSProperties, useEffect, useRef } from "react";
import { useSession, useWorkspace } from "../state/context";
import { toolOf } from "../tools/tools";
import styles from "./Stage.module.css";
import { StagePointer } from "./stagePointer";
import { StageView } from "./stageView";

/** The video and everything drawn on it. The only component that holds canvases. */
export function Stage() {
  const session = useSession();
  const stage = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const masks = useRef<HTMLCanvasElement>(null);
  const prompts = useRef<HTMLCanvasElement>(null);
  const shownFrame = useWorkspace((state) => state.shownFrame);
  const tool = useWorkspace((state) => state.tool);
  const panning = useWorkspace((state) => state.panning);

  useEffect(() => {
    const element = stage.current;
    if (!element || !picture.current || !masks.current || !prompts.current) return;
    const inHand = toolOf(session.store.getState().tool).pickUp();
    const canvases = { picture: picture.current, masks: masks.current, prompts: prompts.current };
    const view = new StageView(session, canvases, inHand);
    const pointer = new StagePointer(session, element, view, inHand);
    const stopFollowing = session.store.subscribe((state, before) => {
      if (state.tool !== before.tool) pointer.use(toolOf(state.tool));
    });
    const release = session.onCancel(() => pointer.cancel());
    const observer = new ResizeObserver(() =>
      view.resize({ width: element.clientWidth, height: element.clientHeight }, window.devicePixelRatio),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      release();
      stopFollowing();
      pointer.close();
      view.close();
    };
  }, [session]);

  return (
    <div
      ref={stage}
      className={styles.stage}
      style={{ "--tool-cursor": toolOf(tool).cursor } as CSSProperties}
      role="application"
      aria-label="Video stage"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the stage takes focus, so that Tab cycles objects only there.
      tabIndex={0}
      data-testid="stage"
      data-tool={tool}
      data-panning={panning}
      data-frame-index={shownFrame ?? undefined}
    >
      <canvas ref={picture} className={styles.layer} />
      <canvas ref={masks} className={styles.layer} />
      <canvas ref={prompts} className={styles.layer} />
    </div>
  );
}
