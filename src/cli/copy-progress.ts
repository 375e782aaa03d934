import { Presets, SingleBar } from 'cli-progress';
import type { CopyProgress } from '../copy';
import { bytes } from '../report/format';

/** A bar on standard error, if that is a terminal; nothing else is told there. */
export class ProgressBar {
  private bar: SingleBar | undefined;
  private done = 0;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  public event(event: CopyProgress): void {
    if (event.kind === 'planned' && event.bytes > 0 && this.stream.isTTY) {
      this.bar = new SingleBar({
        format: '{bar} {percentage}% | {moved} of {all} | {eta_formatted}', stream: this.stream, clearOnComplete: true, hideCursor: true, etaBuffer: 50, fps: 5, gracefulExit: false,
      }, Presets.shades_classic);
      this.bar.start(event.bytes, 0, { moved: bytes(0), all: bytes(event.bytes) });
    } else if (event.kind === 'bytes') {
      this.done += event.bytes;
      this.bar?.update(this.done, { moved: bytes(this.done) });
    }
  }

  public stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}
