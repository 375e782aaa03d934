import {
  closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DrydockError } from '../errors';
import { EmulatorCode } from './codes';
import { lockDirectory } from './lock';
import { Change } from './registry/records';
import { Registry, RegistryIdentity } from './registry/registry';

interface Header extends RegistryIdentity {
  readonly format: 'cdk-drydock-emulator';
  readonly version: 1;
  /** Signs page tokens and passwords, so that they outlive a restart. */
  readonly secret: string;
}

export interface Loaded extends Omit<Header, 'format' | 'version'> {
  readonly changes: readonly Change[];
}

const RECOVER = 'Remove the directory to start afresh, or restore it from a copy.';
/** Changes in one line of a rewritten journal. */
const LINE_CHANGES = 500;
/** The journal is rewritten when it has grown by this much and at least doubled. */
const REWRITE_BYTES = 16 * 1024 * 1024;

/**
 * The registry on disk: one file whose first line says whose it is and whose other lines are the changes of one call each. A call is
 * on disk as a whole or not at all; a line that a crash cut short is the last one and is dropped at the next start. A rewrite goes to
 * another file that then takes the journal's place in one step.
 */
export class Journal {
  private readonly file: string;
  private readonly unlock: () => void;
  private descriptor: number | undefined;
  private header: Header | undefined;
  private size = 0;
  private sizeAfterRewrite = 0;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.file = join(directory, 'registry.jsonl');
    this.unlock = lockDirectory(directory);
  }

  /** What an earlier emulator left here. It must be of the registry that is asked for. */
  public load(wanted: Partial<RegistryIdentity>): Loaded | undefined {
    if (!existsSync(this.file)) {
      return undefined;
    }
    const bytes = readFileSync(this.file);
    const parsed: unknown[] = [];
    // What follows the last line break was never finished.
    for (let start = 0, end = bytes.indexOf(0x0a); end >= 0; start = end + 1, end = bytes.indexOf(0x0a, start)) {
      parsed.push(this.parse(bytes.toString('utf8', start, end), parsed.length + 1));
    }
    if (parsed.length === 0) {
      return undefined;
    }
    const header = parsed[0] as Partial<Header>;
    if (header.format !== 'cdk-drydock-emulator' || header.version !== 1) {
      throw problem('DD-EMULATOR-005', this.file, `${this.file} was not written by this version of the emulator.`, 'Use another directory.');
    }
    const changes = (parsed.slice(1) as Change[][]).flat();
    const { accountId, region, secret } = header as Header;
    if ((wanted.accountId ?? accountId) !== accountId || (wanted.region ?? region) !== region) {
      throw problem('DD-EMULATOR-005', this.file, `${this.file} holds the registry of account ${accountId} in ${region}.`,
        'Leave out accountId and region, or use another directory.');
    }
    return { accountId, region, secret, changes };
  }

  /** Makes the changes of an earlier emulator again. */
  public replay(changes: readonly Change[], registry: Registry): void {
    try {
      changes.forEach((change) => registry.replay(change));
    } catch (cause) {
      throw problem('DD-EMULATOR-004', this.file, `${this.file} contradicts itself: ${(cause as Error).message}.`, RECOVER, cause);
    }
  }

  /** Starts writing: everything that is there now, then what is appended. */
  public open(identity: RegistryIdentity & { readonly secret: string }, changes: Iterable<Change>): void {
    this.header = { format: 'cdk-drydock-emulator', version: 1, accountId: identity.accountId, region: identity.region, secret: identity.secret };
    this.rewrite(changes);
  }

  /** Writes the changes of one call, in one piece. They survive the end of the process, however it comes. */
  public append(changes: readonly Change[]): void {
    if (this.descriptor !== undefined && changes.length > 0) {
      const line = Buffer.from(`${JSON.stringify(changes)}\n`);
      const start = this.size;
      try {
        for (let done = 0; done < line.length;) {
          done += writeSync(this.descriptor, line, done, line.length - done, start + done);
        }
      } catch (error) {
        // A full disk must not leave half a line in front of the next one.
        ftruncateSync(this.descriptor, start);
        throw error;
      }
      this.size += line.length;
    }
  }

  public get wantsRewrite(): boolean {
    return this.size > this.sizeAfterRewrite * 2 && this.size - this.sizeAfterRewrite > REWRITE_BYTES;
  }

  public rewrite(changes: Iterable<Change>): void {
    const next = `${this.file}.next`;
    const descriptor = openSync(next, 'w');
    let size = 0;
    const write = (value: unknown) => {
      const line = `${JSON.stringify(value)}\n`;
      writeFileSync(descriptor, line);
      size += Buffer.byteLength(line);
    };
    try {
      write(this.header);
      let batch: Change[] = [];
      for (const change of changes) {
        batch.push(change);
        if (batch.length === LINE_CHANGES) {
          write(batch);
          batch = [];
        }
      }
      if (batch.length > 0) {
        write(batch);
      }
      fsyncSync(descriptor);
      renameSync(next, this.file);
    } catch (error) {
      closeSync(descriptor);
      rmSync(next, { force: true });
      throw error;
    }
    if (this.descriptor !== undefined) {
      closeSync(this.descriptor);
    }
    this.descriptor = descriptor;
    this.size = size;
    this.sizeAfterRewrite = size;
  }

  public close(): void {
    if (this.descriptor !== undefined) {
      fsyncSync(this.descriptor);
      closeSync(this.descriptor);
      this.descriptor = undefined;
    }
    this.unlock();
  }

  private parse(line: string, number: number): unknown {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw problem('DD-EMULATOR-004', this.file, `Line ${number} of ${this.file} is not readable.`,
        RECOVER, cause);
    }
  }
}

function problem(code: EmulatorCode, pointer: string, message: string, fix: string, cause?: unknown): DrydockError {
  return new DrydockError({ code, pointer, message, fix }, { cause });
}
