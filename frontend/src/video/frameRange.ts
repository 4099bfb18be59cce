/** Frames side by side, both ends included. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
}
