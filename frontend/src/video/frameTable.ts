import { EncodedPacketSink, Input, MP4, UrlSource } from "mediabunny";
import type { FrameIndex } from "./protocol";

/** A demuxed video: its packets by frame, and what a decoder needs to know. */
export interface FrameTable {
  readonly index: FrameIndex;
  readonly config: VideoDecoderConfig;
  readonly sink: EncodedPacketSink;
  /** Presentation timestamps in microseconds, by frame index. */
  readonly timestamps: Float64Array;
  readonly frameOfTimestamp: ReadonlyMap<number, number>;
  /** True when packets are stored in another order than they are shown (B-frames). */
  readonly reorders: boolean;
}

export class UnreadableVideo extends Error {}
export class UnsupportedCodec extends Error {}

/** Demuxes the whole packet table (no payloads) of a video of record, which is always an MP4. Frame = rank of the packet's presentation timestamp. */
export async function readFrameTable(url: string): Promise<FrameTable> {
  const input = new Input({ source: new UrlSource(url), formats: [MP4] });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new UnreadableVideo("The file has no video track.");
  const config = await track.getDecoderConfig();
  if (config === null || !(await VideoDecoder.isConfigSupported(config)).supported) {
    throw new UnsupportedCodec(config?.codec ?? "unknown codec");
  }
  const sink = new EncodedPacketSink(track);
  const packets: { at: number; key: boolean }[] = [];
  for await (const packet of sink.packets(undefined, undefined, { metadataOnly: true })) {
    // Packets with a negative time lie before an edit list's start and are never shown.
    if (packet.timestamp >= 0) packets.push({ at: packet.microsecondTimestamp, key: packet.type === "key" });
  }
  const reorders = packets.some((packet, i) => i > 0 && packet.at < (packets[i - 1]?.at ?? 0));
  packets.sort((a, b) => a.at - b.at);
  const timestamps = Float64Array.from(packets, (packet) => packet.at);
  return {
    index: {
      numFrames: packets.length,
      keyFrames: keyFramesOf(packets),
      width: await track.getDisplayWidth(),
      height: await track.getDisplayHeight(),
      codec: config.codec,
    },
    config: { ...config, optimizeForLatency: true },
    sink,
    timestamps,
    frameOfTimestamp: new Map(packets.map((packet, frameIndex) => [packet.at, frameIndex])),
    reorders,
  };
}

function keyFramesOf(packets: readonly { key: boolean }[]): number[] {
  const keys = packets.flatMap((packet, frameIndex) => (packet.key ? [frameIndex] : []));
  // A first frame that is no key frame (leading packets cut away) is reached from the key packet before it.
  return keys[0] === 0 ? keys : [0, ...keys];
}
