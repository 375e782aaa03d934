import { bold, out, paint } from './output';
import { StackEvent } from '../rehearsal';
import { Tone } from '../report/blocks';
import { sanitise } from '../report/sanitise';

/** Events as they happen, in the manner of `cdk deploy`. */
export class RehearsalLog {
  public step(name: string): void {
    out(`\n${bold(name)}`);
  }

  public event(event: StackEvent): void {
    const name = event.constructPath?.replace(/(\/(Resource|Default))+$/, '') ?? event.logicalId;
    out(`${paint(event.time.slice(11, 19), 'quiet')}  ${paint(event.status.padEnd(28), toneOf(event.status))} ${paint(event.type.padEnd(32), 'quiet')} ${sanitise(name)}`);
    if (event.reason !== undefined) {
      event.reason.split('\n').forEach((text) => out(`          ${paint(sanitise(text), event.status.endsWith('FAILED') ? 'bad' : 'quiet')}`));
    }
  }
}

function toneOf(status: string): Tone {
  if (/FAILED|ROLLBACK/.test(status)) {
    return 'bad';
  }
  return status.endsWith('COMPLETE') ? 'good' : status.endsWith('SKIPPED') ? 'warning' : 'quiet';
}
