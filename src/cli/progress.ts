import { SingleBar } from 'cli-progress';

/** A bar on standard error while something takes long; nothing where that is no terminal. */
export class Progress {
  private readonly bar: SingleBar | undefined;
  private started = false;

  /** `format` as cli-progress takes it: `{bar} {value}/{total} {images} images`. */
  constructor(format: string, stream: NodeJS.WriteStream = process.stderr) {
    this.bar = stream.isTTY && process.env.TERM !== 'dumb'
      ? new SingleBar({ format, stream, hideCursor: true, clearOnComplete: true, barCompleteChar: '=', barIncompleteChar: ' ', forceRedraw: false })
      : undefined;
  }

  public show(value: number, total: number, fields: Readonly<Record<string, string>>): void {
    if (this.bar === undefined) {
      return;
    }
    if (this.started) {
      this.bar.setTotal(total);
      this.bar.update(value, fields);
    } else {
      this.bar.start(total, value, fields);
      this.started = true;
    }
  }

  public stop(): void {
    if (this.started) {
      this.bar?.stop();
      this.started = false;
    }
  }
}
