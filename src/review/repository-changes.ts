import { DeclaredRepository, declaredRepository, isRepository } from './declared';
import { Environment } from './deployed';
import { DesiredResource, unresolvedIn } from './desired';
import { finding } from './finding';
import { ResourcePair } from './pairs';
import { imagesText, Known, lookUp, Registries } from './registries';
import { Fate, removed, Removal } from './repository-removal';
import { encryptionText, leftSettings, settingChanges, settingsOfRegistry, settingsOfTemplate } from './setting-changes';
import { stable } from '../access/compare';
import { Problem } from '../errors';
import { RepositoryState } from '../lifecycle/registry-state';
import { PlanFinding, PlanPlace, RepositoryChange, SettingChange } from '../report/plan';

/** What becomes of one repository. */
export interface RepositoryOutcome extends Environment {
  readonly repositoryName?: string;
  /** The name, or the construct where it is not known. */
  readonly title: string;
  readonly change: RepositoryChange;
  readonly places: readonly PlanPlace[];
  readonly settings: readonly SettingChange[];
  readonly findings: readonly PlanFinding[];
  readonly known: Known;
  /** Whether a new repository is made, whose policies begin empty. */
  readonly isFresh: boolean;
  /** Whether the repository, and with it what it was like, is no more. */
  readonly isGone: boolean;
}

export interface ReviewContext {
  readonly registries: Registries;
  /** The name of a repository that has none in its template, from what is deployed. */
  readonly nameOf: (resource: DesiredResource, when: 'before' | 'after') => string | undefined;
  /** Who runs which image of a repository, by digest. */
  readonly inUse?: (state: RepositoryState) => ReadonlyMap<string, readonly string[]>;
}

interface Side {
  readonly declared: DeclaredRepository;
  readonly resource: DesiredResource;
  readonly name?: string;
  readonly known: Known;
}

/** What becomes of every repository that the app makes or made, in the order of the pairs. */
export async function repositoryChanges(pairs: readonly ResourcePair[], context: ReviewContext): Promise<RepositoryOutcome[]> {
  const sides = await Promise.all(pairs.filter(({ before, after }) => [before, after].some((resource) => resource !== undefined && isRepository(resource))).map(async (pair) => ({
    pair,
    before: pair.before && isRepository(pair.before) ? await sideOf(pair.before, 'before', context) : undefined,
    after: pair.after && isRepository(pair.after) ? await sideOf(pair.after, 'after', context) : undefined,
  })));
  const goes = sides.filter(({ before, after }) => before !== undefined && (after === undefined || after.name !== before.name));
  const isMove = (before: Side, after: Side) => before.name !== undefined && before.name === after.name && samePlace(before.resource, after.resource);
  const movedFrom = (after: Side) => goes.find(({ before, after: own }) => own !== after && isMove(before!, after))?.before;
  const comes = sides.filter(({ before, after }) => after !== undefined && (before === undefined || after.name !== before.name)).map(({ after }) => after!);
  const movedTo = (before: Side) => comes.find((after) => isMove(before, after));
  return sides.flatMap(({ pair, before, after }) => {
    if (pair.isUnknown) {
      return [unknown(after ?? before!, pair)];
    }
    if (before !== undefined && after !== undefined) {
      return both(pair, before, after);
    }
    if (after !== undefined) {
      return [created(after, movedFrom(after))];
    }
    return movedTo(before!) === undefined ? [gone(before!, 'removed')] : [];
  }).map((one) => withInUse(one, context));
}

/** Whatever runs from a repository that goes cannot start again. */
function withInUse(planned: RepositoryOutcome, { inUse }: ReviewContext): RepositoryOutcome {
  const { state } = planned.known;
  const digests = new Set(state?.inventory?.imageDetails.map(({ imageDigest }) => imageDigest));
  const running = !planned.isGone || state === undefined || inUse === undefined ? [] : [...inUse(state)].filter(([digest]) => digests.has(digest));
  if (running.length === 0) {
    return planned;
  }
  const shown = running.slice(0, IN_USE_SHOWN).map(([digest, by]) => `${digest.slice(0, 19)} (${by.slice(0, 2).join(', ')})`).join(', ');
  return {
    ...planned,
    findings: [...planned.findings, {
      severity: 'error', code: 'DD-REVIEW-011', effect: 'block', at: planned.places[0], digests: running.map(([digest]) => digest),
      message: `${running.length} ${running.length === 1 ? 'image' : 'images'} of ${planned.title} in use would be deleted with it: ${shown}${running.length > IN_USE_SHOWN ? ` and ${running.length - IN_USE_SHOWN} more` : ''}.`,
      fix: 'Deploy what runs from another repository first.',
    }],
  };
}

const IN_USE_SHOWN = 3;

async function sideOf(resource: DesiredResource, when: 'before' | 'after', context: ReviewContext): Promise<Side> {
  const declared = declaredRepository(resource);
  const name = declared.repositoryName ?? context.nameOf(resource, when);
  return { declared, resource, ...(name !== undefined && { name }), known: await lookUp(context.registries, resource, name) };
}

function outcome({ resource, name, known }: Side, change: RepositoryChange, { findings = [], ...more }: Partial<RepositoryOutcome>): RepositoryOutcome {
  // What stays as it is need not be known.
  const unread = known.problem === undefined || change === 'none' ? [] : [unreadFinding(resource, known.problem)];
  return {
    ...(name !== undefined && { repositoryName: name }), title: name ?? resource.at.constructPath, change, places: [resource.at], settings: [], known,
    isFresh: false, isGone: false, findings: [...unread, ...findings],
    ...(resource.account !== undefined && { account: resource.account }), ...(resource.region !== undefined && { region: resource.region }), ...more,
  };
}

export function unreadFinding({ at }: DesiredResource, { code, message, fix }: Problem): PlanFinding {
  return { severity: 'error', code, message, at, effect: 'undetermined', ...(fix !== undefined && { fix }) };
}

function unknown(side: Side, pair: ResourcePair): RepositoryOutcome {
  const condition = side.resource.undecidedCondition ?? pair.before?.undecidedCondition;
  return outcome(side, 'unknown', {
    findings: [condition === undefined
      ? finding(side.resource, 'undetermined', 'DD-REVIEW-250', 'What is deployed of this repository now could not be read, so what changes cannot be said.', 'Give the app as it was deployed with --before.')
      : finding(side.resource, 'undetermined', 'DD-REVIEW-251', `Whether the app has this repository hangs on the condition ${condition}, which cannot be decided here.`, 'Give the values of its parameters with --parameters.')],
  });
}

function both(pair: ResourcePair, before: Side, after: Side): RepositoryOutcome[] {
  const places = [after.resource.at];
  if (before.declared.isNative !== after.declared.isNative) {
    return [outcome(after, 'replace', {
      places,
      findings: [finding(after.resource, 'block', 'DD-REVIEW-206', `CloudFormation does not turn a ${before.resource.type} into a ${after.resource.type}: the deployment fails.`,
        'Give the construct another id and retain the old one, so that the new one can adopt the repository.')],
    }), ...before.name === after.name ? [] : [outcome(before, 'none', { places })]];
  }
  if (!pair.changed) {
    return [outcome(after, 'none', { places })];
  }
  if (unresolvedIn(after.resource, '/RepositoryName') !== undefined && stable(before.resource.properties.RepositoryName) !== stable(after.resource.properties.RepositoryName)) {
    return [outcome(after, 'unknown', {
      findings: [finding(after.resource, 'undetermined', 'DD-REVIEW-251',
        `The name of the repository changes to what only the deployment knows (${unresolvedIn(after.resource, '/RepositoryName')!.hangsOn.text}).`, 'Give the value with --parameters.')],
    })];
  }
  const renamed = before.declared.repositoryName !== after.declared.repositoryName;
  const encrypted = stable(before.declared.encryption) !== stable(after.declared.encryption);
  if (!renamed && !encrypted) {
    return [updated(before, after)];
  }
  if (!renamed && after.declared.isNamed) {
    return [outcome(after, 'replace', {
      places,
      settings: settingChanges(settingsOfTemplate(before.declared), settingsOfTemplate(after.declared)),
      findings: [finding(after.resource, 'block', 'DD-REVIEW-205',
        `The encryption changes from ${encryptionText(before.declared.encryption)} to ${encryptionText(after.declared.encryption)} and the name does not. ECR cannot change it, and a second repository cannot have the name: the deployment fails.`,
        'Leave the encryption, or change the name too.', '/EncryptionConfiguration')],
    })];
  }
  return replaced(before, after, renamed);
}

function replaced(before: Side, after: Side, renamed: boolean): RepositoryOutcome[] {
  const { known } = before;
  const old = before.name ?? 'the repository';
  const fate = removed(before.declared, known, 'replaced');
  const why = renamed ? `the name changes${after.name === undefined ? '' : ` to ${after.name}`}` : 'the encryption changes';
  const name: SettingChange[] = [{ name: 'repositoryName', ...(before.name !== undefined && { before: before.name }), ...(after.name !== undefined && { after: after.name }), replaces: true }];
  const effect = known.imageCount === undefined ? 'undetermined' : known.imageCount > 0 ? 'block' : 'warning';
  const settings = settingChanges(settingsOfTemplate(before.declared), settingsOfTemplate(after.declared));
  return [
    outcome(before, 'replace', {
      places: [after.resource.at],
      isGone: !fate.isLeft,
      settings: [...name, ...settings],
      findings: [
        finding(after.resource, effect, 'DD-REVIEW-204', `A new, empty repository takes the place of ${old}, because ${why}. ${stays(before.name, known, fate)}`,
          'Keep name and encryption, or copy the images first (drydock copy).', renamed ? '/RepositoryName' : '/EncryptionConfiguration'),
        ...fate.loses ? [finding(after.resource, fate.loses, 'DD-REVIEW-201', `The replacement deletes ${old} with ${imagesText(known)} (EmptyOnDelete).`, 'Set UpdateReplacePolicy Retain, and deploy that first.')] : [],
      ],
    }),
    // A native repository gets its generated name from CloudFormation.
    ...after.name === before.name ? [] : [createdFrom(after, [])],
  ];
}

/** What becomes of the images of the old repository, if it has any. */
function stays(name: string | undefined, known: Known, { isLeft, text }: Fate): string {
  return known.imageCount === 0
    ? `${name ?? 'The old one'} is empty and ${isLeft ? 'stays in the registry' : 'goes'}.`
    : `Its ${imagesText(known)} do not move: ${text}`;
}

function updated(before: Side, after: Side): RepositoryOutcome {
  const [templateBefore, templateAfter] = [settingsOfTemplate(before.declared), settingsOfTemplate(after.declared)];
  const registry = after.known.state === undefined ? new Map<string, string>() : settingsOfRegistry(after.known.state.settings);
  // What the registry has counts for what this update sends; tags of others are left alone.
  const now = new Map([...templateBefore].map(([name, value]) => [name, !name.startsWith('encryption') && registry.has(name) && templateAfter.has(name) ? registry.get(name)! : value]));
  const left = after.declared.isNative ? leftSettings(templateBefore, templateAfter) : [];
  const settings = settingChanges(now, templateAfter, { ignore: (name) => left.includes(name) });
  const findings = [
    ...left.map((name) => finding(after.resource, 'warning', 'DD-REVIEW-211', `${name} is not in the template any more: it stays ${templateBefore.get(name)}.`, 'Write the value that you want into the template.')),
    ...loosened(after.resource, settings),
  ];
  return outcome(after, 'update', { settings, findings });
}

function loosened(resource: DesiredResource, settings: readonly SettingChange[]): PlanFinding[] {
  const of = (name: string) => settings.find((setting) => setting.name === name);
  const mutability = of('imageTagMutability');
  const scanning = of('imageScanningConfiguration/scanOnPush');
  return [
    ...mutability?.before?.startsWith('IMMUTABLE') && !(mutability.after ?? 'IMMUTABLE').startsWith('IMMUTABLE')
      ? [finding(resource, 'warning', 'DD-REVIEW-212', `Tags could not be moved to other images (${mutability.before}); now they can (${mutability.after}).`, 'Keep them immutable, or name the tags that may move.', '/ImageTagMutability')] : [],
    ...scanning?.before === 'true' && scanning.after === 'false'
      ? [finding(resource, 'warning', 'DD-REVIEW-213', 'Images are no longer scanned when they are pushed.', 'Leave scanning on.', '/ImageScanningConfiguration')] : [],
  ];
}

function created(after: Side, moved: Side | undefined): RepositoryOutcome {
  return moved === undefined ? createdFrom(after, []) : taken(after, moved);
}

function createdFrom(after: Side, more: readonly PlanFinding[]): RepositoryOutcome {
  const { declared, known, name, resource } = after;
  const template = settingsOfTemplate(declared);
  if (known.state === undefined) {
    return outcome(after, 'create', { isFresh: true, settings: settingChanges(new Map(), template), findings: more });
  }
  const registry = settingsOfRegistry(known.state.settings);
  if (declared.isNative || declared.existing === 'fail') {
    return outcome(after, 'create', {
      findings: [...more, finding(resource, 'block', 'DD-REVIEW-207', `A repository ${name} exists already, with ${imagesText(known)}: its creation fails.`,
        declared.isNative ? 'Import it (cdk import), or use Repository with ExistingRepository.ADOPT.' : 'Set existing to ExistingRepository.ADOPT to take it over, or choose another name.', '/RepositoryName')],
    });
  }
  const ignore = (key: string) => key === 'emptyOnDelete' || key === 'removalPolicy' || (key.startsWith('tags/') && !template.has(key)) || !registry.has('imageTagMutability');
  const settings = settingChanges(registry, template, { ignore });
  const type = known.state.settings.encryptionConfiguration?.encryptionType ?? 'AES256';
  const differs = registry.has('encryptionConfiguration') && type !== declared.encryption.encryptionType;
  return outcome(after, 'adopt', {
    // A key that is named differently may be the same; its type decides.
    settings: settings.filter((setting) => setting.name !== 'encryptionConfiguration' || differs),
    findings: [...more, differs
      ? finding(resource, 'block', 'DD-REVIEW-209', `${name} exists and is encrypted with ${registry.get('encryptionConfiguration')}, not ${encryptionText(declared.encryption)}; ECR cannot change that.`, 'Declare the encryption that it has.', '/EncryptionConfiguration')
      : finding(resource, 'note', 'DD-REVIEW-208', `The stack takes ${name} over, with ${imagesText(known)}.`, 'Nothing, when that is meant.', '/ExistingRepository')],
  });
}

/** A repository that another resource of the app has now. */
function taken(after: Side, from: Side): RepositoryOutcome {
  const { declared, resource } = after;
  const ways = `${from.resource.at.constructPath} (${from.resource.at.logicalId}) to ${resource.at.constructPath} (${resource.at.logicalId})`;
  if (declared.isNative || declared.existing === 'fail') {
    return outcome(after, 'replace', {
      places: [resource.at, from.resource.at],
      findings: [finding(resource, 'block', 'DD-REVIEW-206', `The repository goes from ${ways}. To CloudFormation that is a new one, which cannot have the name of the old one: the deployment fails.`,
        'Keep the logical ID (overrideLogicalId), or use cdk refactor.')],
    });
  }
  // Ours leaves alone what another resource has adopted; CloudFormation does not ask.
  const isDeleted = from.declared.isNative && !from.declared.isRetained;
  const loses = isDeleted && (after.known.imageCount !== 0 && from.declared.emptyOnDelete);
  return outcome(after, 'adopt', {
    places: [resource.at, from.resource.at],
    findings: [
      finding(resource, isDeleted ? 'block' : 'warning', 'DD-REVIEW-206', `The repository goes from ${ways}, which adopts it${isDeleted ? '; then CloudFormation deletes it, because the old resource is not retained' : ', with its images'}.`,
        isDeleted ? 'Set RemovalPolicy.RETAIN on the old resource, and deploy that first.' : 'Nothing, when that is meant.'),
      ...loses ? [finding(resource, after.known.imageCount === undefined ? 'undetermined' : 'block', 'DD-REVIEW-201', `CloudFormation deletes it with ${imagesText(after.known)} (EmptyOnDelete).`, 'Set RemovalPolicy.RETAIN on the old resource, and deploy that first.')] : [],
    ],
  });
}

function gone(before: Side, how: Removal): RepositoryOutcome {
  const { declared, known, resource } = before;
  const fate = removed(declared, known, how);
  const name = before.name ?? 'The repository';
  const code = fate.isRefused ? 'DD-REVIEW-202' : fate.isLeft ? 'DD-REVIEW-210' : fate.loses ? 'DD-REVIEW-201' : 'DD-REVIEW-203';
  const weight = fate.loses ?? (!fate.isRefused && (fate.isLeft || known.imageCount === 0) ? 'note' : 'warning');
  return outcome(before, fate.isLeft ? 'leave' : 'delete', { isGone: !fate.isLeft, findings: [finding(resource, weight, code, `${name} leaves the app: ${fate.text}`, fate.fix)] });
}

function samePlace(a: Environment, b: Environment): boolean {
  return a.account === b.account && a.region === b.region;
}
