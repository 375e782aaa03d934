import { millisecondsOf } from './time';
import { Timestamp } from '../lifecycle/model';
import { ClockRecord } from './registry/records';

/** The registry's time. */
export interface Clock {
  /** Whether it stands still. */
  readonly frozen: boolean;
  /** Epoch milliseconds. */
  now(): number;
  /** Moves to a time and stands still there. A number is epoch seconds, or milliseconds when it is above 1e11. */
  set(time: Timestamp): void;
  /** Moves forward; a clock that stands still keeps standing, one that runs keeps running. */
  advance(milliseconds: number): void;
}

/** Real time plus an offset, or, once set, a time that stands still. */
export class EmulatorClock implements Clock {
  private state: ClockRecord;
  private moved?: () => void;

  constructor(start: ClockRecord | Timestamp | undefined, private readonly realTime: () => number = Date.now) {
    this.state = start === undefined ? { offset: 0 } : isClockRecord(start) ? start : { frozenAt: millisecondsOf(start) };
  }

  public onMove(moved: () => void): void {
    this.moved = moved;
  }

  public get frozen(): boolean {
    return 'frozenAt' in this.state;
  }

  public get record(): ClockRecord {
    return this.state;
  }

  public now(): number {
    return 'frozenAt' in this.state ? this.state.frozenAt : this.realTime() + this.state.offset;
  }

  public set(time: Timestamp): void {
    this.state = { frozenAt: millisecondsOf(time) };
    this.moved?.();
  }

  public advance(milliseconds: number): void {
    if (!Number.isFinite(milliseconds)) {
      throw new RangeError(`The clock advances by a number of milliseconds, not by ${milliseconds}`);
    }
    this.state = 'frozenAt' in this.state
      ? { frozenAt: this.state.frozenAt + milliseconds }
      : { offset: this.state.offset + milliseconds };
    this.moved?.();
  }
}

function isClockRecord(value: ClockRecord | Timestamp): value is ClockRecord {
  return typeof value === 'object' && !(value instanceof Date);
}
