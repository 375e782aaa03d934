import { closeSync, existsSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { NOTHING_READ, RepositoryProgress, SurveyEvent } from './survey';
import { DrydockError } from '../../errors';
import { surveyError } from '../codes';
import { indexesOf } from './details';

/** What a snapshot is of: only the same one may go on with a journal. */
export type JournalHeader = Readonly<Record<string, unknown>>;

/** Where a record is in the file. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** What the journal holds of a repository, by places: the records themselves stay on disk. */
export interface Recorded {
  head?: Place;
  pages: Place[];
  children: Place[];
  problems: Place[];
  images: number;
  progress: { head: boolean; images: RepositoryProgress['images']; indexes: Set<string> };
  done: boolean;
}

const CHUNK = 1024 * 1024;
const NEWLINE = 10;

/**
 * What has been read so far, one JSON record a line, beside the file that it will become. A process that is killed leaves whole lines and perhaps a
 * part of one, which is cut off.
 */
export class Journal {
  /** Opens the journal, and goes on with what it holds. */
  public static open(file: string, header: JournalHeader): Journal {
    const existed = existsSync(file);
    let handle: number;
    try {
      handle = openSync(file, existed ? 'r+' : 'wx+');
    } catch (error) {
      throw notWritten(file, error);
    }
    const journal = new Journal(file, handle);
    try {
      journal.load(header);
      return journal;
    } catch (error) {
      closeSync(handle);
      throw error;
    }
  }

  /** By repository. */
  public readonly recorded = new Map<string, Recorded>();
  private end = 0;

  private constructor(public readonly file: string, private readonly handle: number) {}

  /** Images of all repositories. */
  public get images(): number {
    return [...this.recorded.values()].reduce((sum, { images }) => sum + images, 0);
  }

  public progressOf(repositoryName: string): RepositoryProgress {
    const recorded = this.recorded.get(repositoryName);
    return recorded === undefined ? NOTHING_READ : { ...recorded.progress, indexes: [...recorded.progress.indexes] };
  }

  public isDone(repositoryName: string): boolean {
    return this.recorded.get(repositoryName)?.done ?? false;
  }

  public add(event: SurveyEvent): void {
    this.note(event, this.append(event));
  }

  public read<E extends SurveyEvent>({ at, length }: Place): E {
    const buffer = Buffer.allocUnsafe(length);
    for (let read = 0; read < length;) {
      read += readSync(this.handle, buffer, read, length - read, at + read);
    }
    return JSON.parse(buffer.toString('utf8')) as E;
  }

  public close(): void {
    closeSync(this.handle);
  }

  public remove(): void {
    this.close();
    rmSync(this.file, { force: true });
  }

  private append(record: object): Place {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    const at = this.end;
    try {
      for (let written = 0; written < line.length;) {
        written += writeSync(this.handle, line, written, line.length - written, at + written);
      }
    } catch (error) {
      throw notWritten(this.file, error);
    }
    this.end += line.length;
    return { at, length: line.length - 1 };
  }

  private load(header: JournalHeader): void {
    let first = true;
    for (const { at, text } of this.lines()) {
      const length = Buffer.byteLength(text);
      if (first) {
        if (text !== JSON.stringify(header)) {
          throw surveyError('DD-SURVEY-011', this.file, `${this.file} is the half-finished snapshot of something else: ${text.slice(0, 400)}`, {
            fix: 'Give the options that it was begun with, another --out, or --restart to throw it away.',
          });
        }
        first = false;
      } else {
        this.note(this.parse(text, at), { at, length });
      }
      this.end = at + length + 1;
    }
    ftruncateSync(this.handle, this.end);
    if (first) {
      this.append(header);
    }
  }

  private parse(text: string, at: number): SurveyEvent {
    try {
      return JSON.parse(text) as SurveyEvent;
    } catch (error) {
      throw surveyError('DD-SURVEY-011', this.file, `${this.file} is damaged: what begins at byte ${at} is no record.`, { fix: 'Throw it away with --restart.', cause: error });
    }
  }

  /** Whole lines only. */
  private *lines(): Generator<{ readonly at: number; readonly text: string }> {
    let pending: Buffer[] = [];
    let start = 0;
    for (let at = 0; ;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const size = readSync(this.handle, chunk, 0, CHUNK, at);
      if (size === 0) {
        return;
      }
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to !== -1 && to < size; to = chunk.indexOf(NEWLINE, from)) {
        const line = Buffer.concat([...pending, chunk.subarray(from, to)]);
        pending = [];
        yield { at: start, text: line.toString('utf8') };
        start += line.length + 1;
        from = to + 1;
      }
      pending.push(chunk.subarray(from, size));
      at += size;
    }
  }

  private note(event: SurveyEvent, place: Place): void {
    const recorded = this.recorded.get(event.repositoryName) ?? fresh();
    this.recorded.set(event.repositoryName, recorded);
    const { progress } = recorded;
    switch (event.kind) {
      case 'head':
        recorded.head = place;
        progress.head = true;
        break;
      case 'images':
        recorded.pages.push(place);
        recorded.images += event.images.length;
        progress.images = event.nextToken === undefined ? 'complete' : { nextToken: event.nextToken };
        indexesOf(event.images).forEach((digest) => progress.indexes.add(digest));
        break;
      case 'children':
        recorded.children.push(place);
        event.asked.forEach((digest) => progress.indexes.delete(digest));
        break;
      case 'problem':
        recorded.problems.push(place);
        break;
      case 'again':
        Object.assign(recorded, { pages: [], children: [], images: 0 });
        Object.assign(progress, { images: 'none', indexes: new Set<string>() });
        break;
      case 'gone':
        Object.assign(recorded, { head: undefined, pages: [], children: [], problems: [place], images: 0, done: true });
        progress.indexes.clear();
        break;
      case 'done':
        recorded.done = true;
        progress.indexes.clear();
        break;
    }
  }
}

export function notWritten(file: string, error: unknown): DrydockError {
  const { code, message } = error as NodeJS.ErrnoException;
  return surveyError('DD-SURVEY-012', file, `${file} cannot be written: ${code ?? message}.`, { value: file, fix: 'Choose another --out.', cause: error });
}

function fresh(): Recorded {
  return { pages: [], children: [], problems: [], images: 0, progress: { head: false, images: 'none', indexes: new Set() }, done: false };
}
