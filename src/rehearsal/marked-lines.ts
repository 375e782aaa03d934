import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** Lines of a stream, with marks that say where one call's output ends. */
export class MarkedLines {
  public readonly ended: Promise<void>;
  public listener: (line: string) => void;
  private readonly marks = new Set<string>();
  private readonly waiting = new Map<string, () => void>();

  constructor(stream: Readable) {
    this.listener = () => undefined;
    const lines = createInterface({ input: stream, crlfDelay: Infinity });
    lines.on('line', (line) => {
      if (line.startsWith('\u0000')) {
        const mark = line.slice(1);
        this.marks.add(mark);
        this.waiting.get(mark)?.();
      } else if (line !== '') {
        this.listener(line);
      }
    });
    this.ended = new Promise((resolve) => lines.once('close', resolve));
  }

  /** When everything before the mark of this call has been read. */
  public async mark(id: string): Promise<void> {
    if (!this.marks.delete(id)) {
      await Promise.race([this.ended, new Promise<void>((resolve) => this.waiting.set(id, resolve))]);
      this.waiting.delete(id);
      this.marks.delete(id);
    }
  }
}
