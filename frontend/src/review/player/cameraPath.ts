import type { FrameMask } from "@/api/types";
import type { Size } from "@/geometry/points";
import type { Viewport } from "@/geometry/viewport";

/** A region of the video to show: its centre and the side of a square around it, in video pixels. */
export interface Shot {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** The object fills about this share of the shot. */
const SHARE = 0.5;
/** The shortest side of a shot, as a share of the video's long side: closer, a small object is only a blur. */
const CLOSEST_LOOP = 0.28;
const CLOSEST_STILL = 0.14;
/** Frames over which the camera path is averaged, so that it does not jitter with the mask. */
const GLIDE = 9;

/** One shot per frame of `first..last`, following the object; where it is absent the camera waits or travels on. */
export function cameraPath(
  masks: ReadonlyMap<number, FrameMask>,
  range: { readonly first: number; readonly last: number },
  video: Size,
): readonly Shot[] {
  const raw: (Shot | null)[] = [];
  for (let frame = range.first; frame <= range.last; frame += 1)
    raw.push(shotOf(masks.get(frame), video, CLOSEST_LOOP));
  return glide(filled(raw, wholeOf(video)));
}

/** Where the video lies on the stage so that the shot fills it; the shot stays inside the video where it can. */
export function viewportOf(shot: Shot, video: Size, stage: Size): Viewport {
  const scale = Math.min(stage.width, stage.height) / shot.side;
  const along = (centre: number, length: number, room: number) => {
    const visible = room / scale;
    if (visible >= length) return length / 2;
    return Math.min(Math.max(centre, visible / 2), length - visible / 2);
  };
  const x = along(shot.x, video.width, stage.width);
  const y = along(shot.y, video.height, stage.height);
  return { scale, offsetX: stage.width / 2 - x * scale, offsetY: stage.height / 2 - y * scale };
}

export function wholeOf(video: Size): Shot {
  return { x: video.width / 2, y: video.height / 2, side: Math.max(video.width, video.height) };
}

/** The square around the object with some of what surrounds it; null where it is absent or unknown. */
export function shotOf(mask: FrameMask | undefined, video: Size, closest = CLOSEST_STILL): Shot | null {
  const [x, y, width, height] = mask?.box ?? [];
  if (x === undefined || y === undefined || width === undefined || height === undefined) return null;
  const longest = Math.max(video.width, video.height);
  const side = Math.min(Math.max(Math.max(width, height) / SHARE, longest * closest), longest);
  return { x: x + width / 2, y: y + height / 2, side };
}

/** Interpolates linearly across gaps. */
function filled(raw: readonly (Shot | null)[], fallback: Shot): readonly Shot[] {
  const known = raw.flatMap((shot, at) => (shot ? [{ shot, at }] : []));
  let next = 0;
  return raw.map((shot, at) => {
    if (shot) return shot;
    while (next < known.length && (known[next]?.at ?? 0) < at) next += 1;
    const before = known[next - 1];
    const after = known[next];
    if (!before || !after) return before?.shot ?? after?.shot ?? fallback;
    return between(before.shot, after.shot, (at - before.at) / (after.at - before.at));
  });
}

function between(a: Shot, b: Shot, share: number): Shot {
  const mix = (from: number, to: number) => from + (to - from) * share;
  return { x: mix(a.x, b.x), y: mix(a.y, b.y), side: mix(a.side, b.side) };
}

function glide(shots: readonly Shot[]): readonly Shot[] {
  const half = Math.floor(GLIDE / 2);
  return shots.map((_, at) => {
    const window = shots.slice(Math.max(0, at - half), at + half + 1);
    const mean = (of: (shot: Shot) => number) =>
      window.reduce((sum, shot) => sum + of(shot), 0) / window.length;
    // The widest of the window, so that the object never touches the edge while it grows.
    return {
      x: mean((shot) => shot.x),
      y: mean((shot) => shot.y),
      side: Math.max(...window.map((shot) => shot.side)),
    };
  });
}
