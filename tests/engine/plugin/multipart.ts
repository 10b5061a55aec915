import { randomBytes } from "node:crypto";

/** One part of a form. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly type?: string;
  readonly bytes: Buffer;
}

/** Writes a form byte by byte as Go's mime/multipart does. */
export function writeForm(parts: readonly Part[]): { type: string; bytes: Buffer } {
  const boundary = randomBytes(30).toString("hex");
  const chunks = parts.flatMap((part, index) => [
    Buffer.from(`${index === 0 ? "" : "\r\n"}--${boundary}\r\n${writeHeaders(part)}\r\n`),
    part.bytes,
  ]);
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([...chunks, end]),
  };
}

/**
 * The bytes of a form's first part.
 * @throws Error where there is none.
 */
export function readFirstPart(type: string, bytes: Buffer): Buffer {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type) ?? [];
  const delimiter = `--${quoted ?? plain}`;
  const opening = bytes.indexOf(delimiter);
  const headers = bytes.indexOf("\r\n\r\n", opening);
  const end = bytes.indexOf(`\r\n${delimiter}`, headers);
  if (opening < 0 || headers < 0 || end < 0) throw new Error("The form has no first part.");
  return bytes.subarray(headers + 4, end);
}

function writeHeaders({ name, filename, type }: Part): string {
  const file = filename === undefined ? "" : `; filename="${quote(filename)}"`;
  const disposition = `Content-Disposition: form-data; name="${quote(name)}"${file}\r\n`;
  return type === undefined ? disposition : `${disposition}Content-Type: ${type}\r\n`;
}

function quote(text: string): string {
  return text.replace(/[\\"]/g, (character) => `\\${character}`);
}
