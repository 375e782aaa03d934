import { existsSync, rmSync } from 'node:fs';
import { writeInventory, Written } from './inventory-file';
import { Journal } from './journal';
import { DEFAULT_CONCURRENCY, LiveOptions, LiveRegistry } from './live-registry';
import { problemsOfChildren } from './reader';
import { select, Selection } from './selection';
import { survey, SurveyEvent } from './survey';
import { Problem } from '../../errors';

export interface SnapshotOptions extends LiveOptions {
  readonly selection: Selection;
  /** The inventory; its journal is beside it, with `.partial` at the end. */
  readonly out: string;
  /** Throw away what an earlier run has left. */
  readonly restart?: boolean;
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

export interface SnapshotProgress {
  readonly repositories: number;
  readonly repositoriesDone: number;
  readonly images: number;
}

export interface Snapshot extends Written {
  readonly calls: Readonly<Record<string, number>>;
  readonly throttled: number;
  /** Repositories and images that an earlier run had read. */
  readonly resumed?: { readonly repositories: number; readonly images: number };
  /** What could not be read, or not in full. */
  readonly problems: readonly Problem[];
}

/** Writes the live state of a registry to a file. Broken off at any point, the next call with the same options goes on where it was. */
export async function takeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { out, selection, manifests = 'auto', onProgress } = options;
  const journalFile = `${out}.partial`;
  if (options.restart) {
    rmSync(journalFile, { force: true });
  }
  const registry = new LiveRegistry(options);
  try {
    return await registry.guard(async () => {
      const repositories = await select(registry.reader, selection);
      const [first] = repositories;
      const header = { snapshot: 1, of: registry.where, registryId: first?.settings.registryId, selection, manifests };
      const begun = existsSync(journalFile);
      const journal = Journal.open(journalFile, header);
      try {
        const names = repositories.map(({ settings }) => settings.repositoryName);
        const todo = repositories.filter(({ settings }) => !journal.isDone(settings.repositoryName));
        const resumed = { repositories: names.length - todo.length, images: journal.images };
        let { images, repositories: repositoriesDone } = resumed;
        const report = () => onProgress?.({ repositories: names.length, repositoriesDone, images });
        report();
        await survey(registry.reader, todo, options.concurrency ?? DEFAULT_CONCURRENCY, (name) => journal.progressOf(name), (event) => {
          const before = event.kind === 'again' || event.kind === 'gone' ? journal.recorded.get(event.repositoryName)?.images ?? 0 : 0;
          journal.add(event);
          images += event.kind === 'images' ? event.images.length : -before;
          repositoriesDone += event.kind === 'done' || event.kind === 'gone' ? 1 : 0;
          report();
        });
        const problems = problemsOf(journal, names);
        const written = writeInventory(journal, names, out);
        journal.remove();
        return { ...written, calls: registry.calls, throttled: registry.throttled, problems, ...(begun && { resumed }) };
      } catch (error) {
        journal.close();
        throw error;
      }
    });
  } finally {
    registry.close();
  }
}

/** What is the same for all repositories is said once. */
function problemsOf(journal: Journal, names: readonly string[]): Problem[] {
  const problems = names.flatMap((name) => {
    const recorded = journal.recorded.get(name);
    const head = recorded?.head && journal.read<Extract<SurveyEvent, { kind: 'head' }>>(recorded.head).head.problems;
    return [...head ?? [], ...problemsOfChildren(name, (recorded?.problems ?? []).map((place) => journal.read<Extract<SurveyEvent, { kind: 'problem' }>>(place)))];
  });
  return [...new Map(problems.map((problem) => [JSON.stringify([problem.code, problem.pointer]), problem])).values()];
}
