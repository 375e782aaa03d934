import { InUseReference, inUseBy, isReferenceTo } from '../lifecycle/in-use';
import { RepositoryState } from '../lifecycle/registry-state';
import { count } from '../report/format';
import { PlanFinding } from '../report/plan';
import { finding } from '../review/codes';

const SHOWN = 5;

/** Finds the images that something runs, repository by repository, and remembers which references were for nothing. */
export class InUseMatch {
  private readonly matched = new Set<InUseReference>();
  private readonly unmatched = new Set<InUseReference>();
  private readonly repositories = new Set<string>();

  constructor(private readonly references: readonly InUseReference[]) {}

  /** Who runs which image of a repository, by digest. */
  public readonly in = ({ inventory, settings: { repositoryName, repositoryUri = repositoryName } }: RepositoryState): ReadonlyMap<string, readonly string[]> => {
    if (inventory === undefined) {
      return new Map();
    }
    this.repositories.add(repositoryUri);
    // Most references are to other repositories; taking them apart is what costs time.
    const near = this.references.filter(({ reference }) => reference.includes(repositoryName) || reference.startsWith('sha256:'));
    // Who runs it stands in by its number, so that it is known which reference it was.
    const found = near.length === 0 ? [] : [...inUseBy(inventory, repositoryUri, near.map(({ reference }, index) => ({ reference, by: String(index) })))];
    const used = new Set(found.flatMap(([, numbers]) => numbers).map((number) => near[Number(number)]));
    near.filter((one) => !used.has(one) && isReferenceTo(one.reference, repositoryUri)).forEach((one) => this.unmatched.add(one));
    used.forEach((one) => this.matched.add(one));
    return new Map(found.map(([digest, numbers]) => [digest, [...new Set(numbers.map((number) => near[Number(number)].by))].sort()]));
  };

  /** What came of the references, once every repository was looked at. */
  public told(): PlanFinding {
    const lost = [...new Set([...this.unmatched].filter((one) => !this.matched.has(one)).map(({ reference }) => reference))];
    const read = new Set(this.references.map(({ reference }) => reference)).size;
    const matched = new Set([...this.matched].map(({ reference }) => reference)).size;
    const told = `${count(read, 'reference')} to images that run ${read === 1 ? 'was' : 'were'} read; ${matched} ${matched === 1 ? 'is an image' : 'are images'} of the ${count(this.repositories.size, 'repository', 'repositories')} looked at.`;
    return lost.length === 0 ? finding('DD-REVIEW-019', 'note', told) : finding('DD-REVIEW-019', 'note',
      `${told} ${lost.length === 1 ? 'One names' : `${lost.length} name`} such a repository, but no image that is known: ${lost.slice(0, SHOWN).join(', ')}${lost.length > SHOWN ? ', ...' : ''}.`,
      { fix: 'See whether the images were deleted or their tags moved meanwhile, and whether the list is of this registry.' });
  }
}
