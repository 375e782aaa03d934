import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { Journal, notWritten, Recorded } from './journal';
import { RepositoryHead } from './reader';
import { SurveyEvent } from './survey';

type Of<K extends SurveyEvent['kind']> = Extract<SurveyEvent, { kind: K }>;

const BUFFERED = 1024 * 1024;

export interface Written {
  readonly repositories: number;
  readonly images: number;
  /** Indexes whose parts are known. */
  readonly indexes: number;
  readonly bytes: number;
}

/**
 * Makes the inventory of what the journal holds: repositories by name, images by digest, one a line. Of one registry it is always the same file. No
 * more is held in memory than the images of one repository. The file is there whole or not at all.
 */
export function writeInventory(journal: Journal, repositoryNames: readonly string[], file: string): Written {
  const temporary = `${file}.writing`;
  const out = new Output(temporary);
  try {
    const present = repositoryNames.filter((name) => journal.recorded.get(name)?.head !== undefined);
    const recorded = (name: string) => journal.recorded.get(name) as Recorded;
    out.text('{"formatVersion":1,"repositories":[');
    present.forEach((name) => out.item(JSON.stringify(repositoryOf(journal, recorded(name)))));
    out.text('\n],"imageDetails":[');
    let images = 0;
    out.first();
    present.forEach((name) => { images += writeImages(journal, recorded(name), out); });
    out.text('\n],"manifestChildren":{');
    const seen = new Set<string>();
    out.first();
    present.forEach((name) => writeChildren(journal, recorded(name), seen, out));
    out.text('\n}}\n');
    const bytes = out.finish();
    renameSync(temporary, file);
    return { repositories: present.length, images, indexes: seen.size, bytes };
  } catch (error) {
    out.abandon();
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : notWritten(file, error);
  }
}

function repositoryOf(journal: Journal, { head: place, problems }: Recorded): object {
  const { head: { settings, lifecyclePolicyText, repositoryPolicyText, problems: known } } = journal.read<Of<'head'>>(place!);
  const unread = [...known, ...problems.map((problem) => journal.read<Of<'problem'>>(problem).problem)].filter(({ code }) => code === 'DD-SURVEY-101').map(memberOf);
  return {
    ...settings,
    ...(lifecyclePolicyText !== undefined && { lifecyclePolicyText }),
    ...(repositoryPolicyText !== undefined && { repositoryPolicyText }),
    ...(unread.length > 0 && { unread: [...new Set(unread)].sort() }),
  };
}

function memberOf({ pointer }: RepositoryHead['problems'][number]): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1);
}

function writeImages(journal: Journal, { pages }: Recorded, out: Output): number {
  // What moves between two pages may be on both; the later one knows better.
  const byDigest = new Map<string, string>();
  for (const page of pages) {
    journal.read<Of<'images'>>(page).images.forEach((image) => byDigest.set(image.imageDigest, JSON.stringify(image)));
  }
  for (const digest of [...byDigest.keys()].sort()) {
    out.item(byDigest.get(digest)!);
  }
  return byDigest.size;
}

/** A digest names its content, so one that is in several repositories lists the same everywhere. */
function writeChildren(journal: Journal, { children }: Recorded, seen: Set<string>, out: Output): void {
  const listed = new Map<string, readonly string[]>();
  for (const place of children) {
    Object.entries(journal.read<Of<'children'>>(place).children).forEach(([digest, parts]) => listed.set(digest, parts));
  }
  for (const digest of [...listed.keys()].filter((one) => !seen.has(one)).sort()) {
    seen.add(digest);
    out.item(`${JSON.stringify(digest)}:${JSON.stringify(listed.get(digest))}`);
  }
}

class Output {
  private readonly handle: number;
  private pending: string[] = [];
  private size = 0;
  private bytes = 0;
  private begun = false;

  constructor(private readonly file: string) {
    try {
      this.handle = openSync(file, 'w');
    } catch (error) {
      throw notWritten(file, error);
    }
  }

  public text(text: string): void {
    this.pending.push(text);
    this.size += text.length;
    if (this.size >= BUFFERED) {
      this.flush();
    }
  }

  /** A list begins. */
  public first(): void {
    this.begun = false;
  }

  public item(text: string): void {
    this.text(`${this.begun ? ',' : ''}\n${text}`);
    this.begun = true;
  }

  public finish(): number {
    this.flush();
    fsyncSync(this.handle);
    closeSync(this.handle);
    return this.bytes;
  }

  public abandon(): void {
    try {
      closeSync(this.handle);
    } catch {
      // Closed already.
    }
    rmSync(this.file, { force: true });
  }

  private flush(): void {
    const buffer = Buffer.from(this.pending.join(''));
    for (let written = 0; written < buffer.length;) {
      written += writeSync(this.handle, buffer, written);
    }
    this.bytes += buffer.length;
    this.pending = [];
    this.size = 0;
  }
}
