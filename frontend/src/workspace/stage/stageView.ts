import { drawMasks } from "@/canvas/drawMasks";
import { drawPicture } from "@/canvas/drawPicture";
import { drawBox, drawPoint, drawPulse } from "@/canvas/drawPrompts";
import { inScreenSpace, type Scene } from "@/canvas/scene";
import type { ScreenPoint, Size } from "@/geometry/points";
import { fit, type Viewport } from "@/geometry/viewport";
import { listedObjects, shownShape } from "../state/selectors";
import type { WorkspaceSession } from "../state/session";
import type { WorkspaceState } from "../state/store";
import type { ToolInHand } from "../tools/tool";
import { type LivePaint, masksChanged, pictureChanged, sceneObjects, scenePrompts } from "./stageScene";
import { StrokePreview } from "./strokePreview";

const ACCENT = "#7aa2ff";

interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
}

/** The stage's canvases, bottom to top. */
export interface StageCanvases {
  readonly picture: HTMLCanvasElement;
  readonly masks: HTMLCanvasElement;
  readonly prompts: HTMLCanvasElement;
}

/** Layers to redraw; prompts and tool always are. */
interface Stale {
  picture: boolean;
  masks: boolean;
}

/**
 * Paints the stage: the picture, the masks over it, prompts and tool on top, each on a canvas of its own. A brush
 * in motion redraws its masks only, a moving pointer the top canvas only, and nothing is drawn without a change.
 */
export class StageView {
  readonly #session: WorkspaceSession;
  readonly #picture: Layer;
  readonly #masks: Layer;
  readonly #prompts: Layer;
  readonly #unsubscribe: () => void;
  #size: Size = { width: 0, height: 0 };
  #pixelRatio = 1;
  #tool: ToolInHand;
  #pointer: ScreenPoint | null = null;
  #preview: StrokePreview | null = null;
  #frame = 0;
  #stale: Stale = { picture: true, masks: true };

  constructor(session: WorkspaceSession, canvases: StageCanvases, tool: ToolInHand) {
    this.#session = session;
    this.#picture = { canvas: canvases.picture, context: contextOf(canvases.picture, false) };
    this.#masks = { canvas: canvases.masks, context: contextOf(canvases.masks, true) };
    this.#prompts = { canvas: canvases.prompts, context: contextOf(canvases.prompts, true) };
    this.#tool = tool;
    this.#unsubscribe = session.store.subscribe((state, before) => this.#onState(state, before));
  }

  get size(): Size {
    return this.#size;
  }

  close(): void {
    this.#unsubscribe();
    cancelAnimationFrame(this.#frame);
  }

  /** The stage element has a new size; the video stays fitted, or stays where the person put it. */
  resize(size: Size, pixelRatio: number): void {
    const { view, video } = this.#session.store.getState();
    const wasFitted = view === null || sameView(view, fit(video, this.#size));
    this.#size = size;
    this.#pixelRatio = pixelRatio;
    for (const { canvas } of [this.#picture, this.#masks, this.#prompts]) {
      canvas.width = Math.round(size.width * pixelRatio);
      canvas.height = Math.round(size.height * pixelRatio);
    }
    this.#session.store.setState(
      wasFitted ? { stageSize: size, view: fit(video, size) } : { stageSize: size },
    );
    // A resized canvas is blank: draw at once, so that nothing flickers.
    this.#stale = { picture: true, masks: true };
    this.#draw(performance.now());
  }

  hold(tool: ToolInHand): void {
    this.#tool = tool;
    // An abandoned stroke leaves the masks.
    this.#invalidate({ masks: true });
  }

  pointAt(pointer: ScreenPoint | null): void {
    this.#pointer = pointer;
    this.#invalidate({ masks: this.#tool.stroke() !== null || this.#preview !== null });
  }

  #onState(state: WorkspaceState, before: WorkspaceState): void {
    const picture = pictureChanged(state, before);
    const masks = picture || masksChanged(state, before);
    if (masks) this.#invalidate({ picture, masks });
  }

  #invalidate(stale: Partial<Stale>): void {
    this.#stale.picture ||= stale.picture === true;
    this.#stale.masks ||= stale.masks === true;
    if (this.#frame === 0) this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now: number): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const state = this.#session.store.getState();
    if (state.view === null || this.#size.width === 0) return;
    const scene = this.#scene(state, state.view);
    // A picture that has left memory while the next is decoded stays on its canvas.
    if (this.#stale.picture && (scene.picture !== null || state.shownFrame === null)) {
      drawPicture(this.#picture.context, scene);
    }
    if (this.#stale.masks) {
      inScreenSpace(this.#masks.context, scene);
      this.#masks.context.clearRect(0, 0, this.#size.width, this.#size.height);
      drawMasks(this.#masks.context, scene);
    }
    this.#stale = { picture: false, masks: false };
    this.#drawPrompts(state, scene, now);
  }

  #scene(state: WorkspaceState, view: Viewport): Scene {
    const picture = state.shownFrame === null ? undefined : this.#session.player.picture(state.shownFrame);
    return {
      view,
      video: state.video,
      stage: this.#size,
      pixelRatio: this.#pixelRatio,
      picture: picture ?? null,
      moving: state.playRate !== 0,
      objects: sceneObjects(state, this.#livePaint(state)),
      overlay: state.overlay,
    };
  }

  /** While a brush is moving, its mask is computed here and nowhere else: no store, no server. */
  #livePaint(state: WorkspaceState): LivePaint | null {
    const stroke = this.#tool.stroke();
    const { selected, shownFrame, video } = state;
    if (stroke === null || shownFrame === null || (selected === null && stroke.erases)) {
      this.#preview = null;
      return null;
    }
    const base = selected === null ? null : shownShape(state, selected, shownFrame);
    this.#preview ??= new StrokePreview(base?.runs ?? null, video);
    return { object: selected, shape: this.#preview.extend(stroke.points, state.brushRadius, stroke.erases) };
  }

  #drawPrompts(state: WorkspaceState, scene: Scene, now: number): void {
    const { context } = this.#prompts;
    inScreenSpace(context, scene);
    context.clearRect(0, 0, this.#size.width, this.#size.height);
    const { points, box, waiting } = scenePrompts(state);
    const color = listedObjects(state).find(({ key }) => key === state.selected)?.look.color ?? ACCENT;
    if (box !== null) drawBox(context, scene.view, box, color, waiting);
    for (const point of points) {
      if (point.waiting) drawPulse(context, scene.view, point, now);
      drawPoint(context, scene.view, point);
    }
    this.#tool.paint(context, {
      view: scene.view,
      pointer: this.#pointer,
      brushRadius: state.brushRadius,
      color,
    });
    // Only the pulse is animated.
    if (waiting) this.#invalidate({});
  }
}

function contextOf(canvas: HTMLCanvasElement, alpha: boolean): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { alpha });
  if (context === null) throw new Error("This browser cannot draw on a canvas.");
  return context;
}

function sameView(a: Viewport, b: Viewport): boolean {
  return a.scale === b.scale && a.offsetX === b.offsetX && a.offsetY === b.offsetY;
}
