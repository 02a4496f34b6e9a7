/** The place of a message as bytes: partition u32, offset f64. */
import { type ByteReader, type ByteWriter, putF64, putU32, takeF64, takeU32 } from './bytes.ts';
import { type MessagePlace } from './record.ts';

export function putMessagePlace(writer: ByteWriter, { partition, offset }: MessagePlace): void {
  putU32(writer, partition);
  putF64(writer, offset);
}

export function takeMessagePlace(reader: ByteReader): MessagePlace {
  return { partition: takeU32(reader), offset: takeF64(reader) };
}
