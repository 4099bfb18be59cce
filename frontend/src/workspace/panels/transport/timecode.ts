/** 00:07.333: minutes, seconds and thousandths of a frame's start. */
export function timecode(frameIndex: number, framesPerSecond: number): string {
  const milliseconds = Math.round((frameIndex / framesPerSecond) * 1000);
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = Math.floor(milliseconds / 1000) % 60;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(minutes)}:${two(seconds)}.${String(milliseconds % 1000).padStart(3, "0")}`;
}
