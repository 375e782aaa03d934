import { Problem } from '../../errors';
import { ImageDetail } from '../../lifecycle/model';
import { surveyProblem } from '../codes';
import { isInvalidParameter } from '../errors';
import { indexesOf } from './details';
import { MANIFESTS_A_CALL } from './manifests';
import { isProblem, RepositoryHead, SurveyedChildren, SurveyedPage, SurveyReader } from './reader';
import { SelectedRepository } from './selection';

/** What is read of a repository, piece by piece, so that no more than a page of images is held at a time. */
export type SurveyEvent =
  | { readonly kind: 'head'; readonly repositoryName: string; readonly head: RepositoryHead }
  | { readonly kind: 'images'; readonly repositoryName: string; readonly images: readonly ImageDetail[]; readonly nextToken?: string }
  | { readonly kind: 'children'; readonly repositoryName: string; readonly children: Readonly<Record<string, readonly string[]>>; readonly asked: readonly string[] }
  | { readonly kind: 'problem'; readonly repositoryName: string; readonly problem: Problem; readonly failures?: SurveyedChildren['failures'] }
  /** Its pages do not go on where they ended: what was told of its images is void. */
  | { readonly kind: 'again'; readonly repositoryName: string }
  /** It went away while it was read. */
  | { readonly kind: 'gone'; readonly repositoryName: string; readonly problem: Problem }
  | { readonly kind: 'done'; readonly repositoryName: string };

/** How far the reading of a repository had come. */
export interface RepositoryProgress {
  readonly head: boolean;
  readonly images: 'none' | 'complete' | { readonly nextToken: string };
  /** Indexes that were seen and whose manifests were not asked for yet. */
  readonly indexes: readonly string[];
}

export const NOTHING_READ: RepositoryProgress = { head: false, images: 'none', indexes: [] };

/** Reads repositories, several at a time; `tell` hears of every piece as it comes. */
export async function survey(
  reader: SurveyReader, repositories: Iterable<SelectedRepository>, workers: number, progressOf: (repositoryName: string) => RepositoryProgress, tell: (event: SurveyEvent) => void,
): Promise<void> {
  const queue = repositories[Symbol.iterator]();
  let failed = false;
  const work = async () => {
    for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
      const one = new RepositorySurvey(reader, next.value, progressOf(next.value.settings.repositoryName), tell);
      try {
        await one.run();
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: workers }, work));
  const failure = ended.find((end): end is PromiseRejectedResult => end.status === 'rejected');
  if (failure) {
    throw failure.reason;
  }
}

class RepositorySurvey {
  private readonly repositoryName: string;
  private indexes: string[];

  constructor(
    private readonly reader: SurveyReader, private readonly selected: SelectedRepository, private readonly before: RepositoryProgress,
    private readonly tell: (event: SurveyEvent) => void,
  ) {
    this.repositoryName = selected.settings.repositoryName;
    this.indexes = [...before.indexes];
  }

  public async run(): Promise<void> {
    const { repositoryName } = this;
    const [head, pages] = await Promise.all([this.before.head ? true : this.readHead(), this.readImages()]);
    if (!head || pages === 'gone') {
      this.tell({ kind: 'gone', repositoryName, problem: surveyProblem('DD-SURVEY-104', repositoryName, `${repositoryName} went away while it was read; it is left out.`) });
      return;
    }
    await this.readChildren();
    this.tell({ kind: 'done', repositoryName });
  }

  private async readHead(): Promise<boolean> {
    const { settings, problem } = this.selected;
    const head = await this.reader.head(settings, problem && [problem]);
    if (head !== undefined) {
      this.tell({ kind: 'head', repositoryName: this.repositoryName, head });
    }
    return head !== undefined;
  }

  private async readImages(): Promise<'read' | 'denied' | 'gone'> {
    const { repositoryName } = this;
    const { images } = this.before;
    if (images === 'complete') {
      return 'read';
    }
    let nextToken = images === 'none' ? undefined : images.nextToken;
    for (let resumed = nextToken !== undefined; ; resumed = false) {
      const page = await this.readPage(nextToken, resumed);
      if (page === undefined) {
        return 'gone';
      }
      if (page === 'again') {
        this.tell({ kind: 'again', repositoryName });
        this.indexes = [];
        nextToken = undefined;
        continue;
      }
      if (isProblem(page)) {
        this.tell({ kind: 'problem', repositoryName, problem: page });
        return 'denied';
      }
      nextToken = page.nextToken;
      this.indexes.push(...indexesOf(page.images));
      this.tell({ kind: 'images', repositoryName, images: page.images, ...(nextToken !== undefined && { nextToken }) });
      if (nextToken === undefined) {
        return 'read';
      }
    }
  }

  private async readPage(nextToken: string | undefined, resumed: boolean): Promise<SurveyedPage | Problem | 'again' | undefined> {
    try {
      return await this.reader.page(this.repositoryName, nextToken);
    } catch (error) {
      // A token does not live for ever.
      if (resumed && isInvalidParameter(error)) {
        return 'again';
      }
      throw error;
    }
  }

  private async readChildren(): Promise<void> {
    const { repositoryName } = this;
    if (this.indexes.length === 0) {
      return;
    }
    const refusal = await this.reader.manifests.refusal();
    if (refusal !== undefined) {
      this.tell({ kind: 'problem', repositoryName, problem: refusal });
      return;
    }
    for (let at = 0; at < this.indexes.length; at += MANIFESTS_A_CALL) {
      const asked = this.indexes.slice(at, at + MANIFESTS_A_CALL);
      const { children, problem, failures } = await this.reader.children(repositoryName, asked);
      // Told first: what was asked is not asked again, and its failures would be lost.
      if (problem !== undefined) {
        this.tell({ kind: 'problem', repositoryName, problem, ...(failures && { failures }) });
      }
      this.tell({ kind: 'children', repositoryName, children, asked });
    }
  }
}
