import { Severity } from './blocks';
import { Plan, PlanFinding } from './plan';
import { allFindings, bySeverity, placeOf, severityOf } from './plan-words';
import { safeJson, sanitise } from './sanitise';

export interface PlanSarifOptions {
  /** Version of this library. */
  readonly version: string;
  /** Code -> its title, as docs/errors.md has it. */
  readonly titles?: Readonly<Record<string, string>>;
  /** Folder of the app, seen from the root of the repository that the log is for. @default plan.app */
  readonly app?: string;
}

const HOME = 'https://github.com/cdk-drydock/cdk-drydock';

/** What code scanning of GitHub takes of one run. */
export const RESULTS_LIMIT = 25_000;
const TEXT_LIMIT = 1_000;

/**
 * A plan for code scanning: a result for every finding, at the template and the construct that it is about.
 *
 * @see https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
export function planSarif(plan: Plan, options: PlanSarifOptions): string {
  return `${safeJson(planSarifLog(plan, options), 2)}\n`;
}

export function planSarifLog(plan: Plan, { version, titles = {}, app = plan.app }: PlanSarifOptions) {
  const findings = bySeverity(allFindings(plan));
  const kept = findings.slice(0, RESULTS_LIMIT);
  const codes = [...new Set(kept.map(({ code }) => code))].sort();
  const folder = folderOf(app);
  const nth = counter();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0' as const,
    runs: [{
      tool: {
        driver: {
          name: 'cdk-drydock',
          semanticVersion: version,
          informationUri: HOME,
          rules: codes.map((code) => ruleOf(code, kept.filter((finding) => finding.code === code), titles)),
        },
      },
      // One analysis a kind: a preview does not close the alerts of a review.
      automationDetails: { id: `drydock/${plan.kind}/` },
      invocations: [{
        executionSuccessful: plan.outcome !== 'undetermined',
        ...(findings.length > kept.length && {
          toolExecutionNotifications: [{
            level: 'warning' as const, message: { text: `${findings.length - kept.length} of ${findings.length} findings are left out: code scanning takes ${RESULTS_LIMIT}.` },
          }],
        }),
      }],
      ...(folder.base !== undefined && { originalUriBaseIds: { APP: { uri: folder.base } } }),
      columnKind: 'utf16CodeUnits' as const,
      results: kept.map((finding) => resultOf(finding, codes, folder, nth)),
      properties: { outcome: plan.outcome, kind: plan.kind },
    }],
  };
}

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = { error: 'error', warning: 'warning', note: 'note' };

function ruleOf(code: string, found: readonly PlanFinding[], titles: Readonly<Record<string, string>>) {
  const id = short(code);
  const title = short(Object.hasOwn(titles, code) ? titles[code] : code);
  const fix = found.find((finding) => finding.fix !== undefined)?.fix;
  const helpUri = `${HOME}/blob/main/docs/errors.md#${encodeURIComponent(id.toLowerCase())}`;
  return {
    id,
    name: id,
    shortDescription: { text: title },
    fullDescription: { text: title },
    defaultConfiguration: { level: LEVELS[severityOf(bySeverity(found)[0])] },
    helpUri,
    help: { text: short(`${title}${fix === undefined ? '' : ` For example: ${fix}`} See ${helpUri}`) },
    properties: { tags: ['ecr', areaOf(id)] },
  };
}

/** `DD-GATE-103` -> `gate`. */
function areaOf(code: string): string {
  return /^DD-([A-Z]+)-/.exec(code)?.[1].toLowerCase() ?? 'drydock';
}

interface Folder {
  readonly path: string;
  /** Of an app that lies elsewhere. */
  readonly base?: string;
}

function resultOf(finding: PlanFinding, codes: readonly string[], folder: Folder, nth: (key: string) => number) {
  const { code, message, fix, at, repositoryName, effect } = finding;
  // Numbers in a message change from run to run; what it is about does not.
  const key = JSON.stringify([code, at?.constructPath, at?.templateFile, repositoryName, finding.place]);
  const fingerprint = `${hash(key)}:${nth(key)}`;
  const place = placeOf(finding);
  return {
    ruleId: short(code),
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severityOf(finding)],
    // A result without a text is none; a hostile one may be nothing once it is safe.
    message: { text: short([message, fix].filter((part) => part !== undefined).join(' ')).trim() || short(code) || 'DD' },
    locations: [locationOf(finding, folder)],
    partialFingerprints: { 'primaryLocationLineHash': fingerprint, 'drydock/v1': fingerprint },
    properties: {
      ...(repositoryName !== undefined && { repositoryName: sanitise(repositoryName) }),
      ...(effect !== undefined && { effect }),
      ...(place !== undefined && { place: sanitise(place) }),
    },
  };
}

function locationOf({ at, place }: PlanFinding, { path, base }: Folder) {
  const file = at?.templateFile ?? 'manifest.json';
  return {
    physicalLocation: {
      artifactLocation: { uri: relativeUriOf(`${path}${file}`), ...(base !== undefined && { uriBaseId: 'APP' }) },
      region: { startLine: 1 },
    },
    ...(at !== undefined && {
      logicalLocations: [{
        fullyQualifiedName: sanitise(at.constructPath), name: sanitise(at.logicalId), kind: 'resource',
        properties: { stackName: sanitise(at.stackName), resourceType: sanitise(at.resourceType), ...(place !== undefined && { place: sanitise(place) }) },
      }],
    }),
  };
}

function folderOf(app: string): Folder {
  const path = app.replace(/\\/g, '/').replace(/\/+$/, '');
  const parts = path.split('/');
  if (path.startsWith('/') || /^[A-Za-z]:\//.test(path)) {
    return { path: '', base: `file://${path.startsWith('/') ? '' : '/'}${uriOf(path).replace(/^([A-Za-z])%3A/, '$1:')}/` };
  }
  const clean = parts.filter((part) => part !== '' && part !== '.').join('/');
  return { path: clean === '' ? '' : `${clean}/` };
}

function uriOf(path: string): string {
  return path.split(/[/\\]/).map((part) => encodeURIComponent(part.replace(/[\ud800-\udfff]/gu, '\ufffd'))).join('/');
}

/** Two slashes at its beginning would name a host. */
function relativeUriOf(path: string): string {
  return uriOf(path).split('/').filter((part) => part !== '').join('/');
}

function short(text: string): string {
  const safe = sanitise(text);
  return safe.length > TEXT_LIMIT ? `${safe.slice(0, TEXT_LIMIT - 3)}...` : safe;
}

function counter(): (key: string) => number {
  const seen = new Map<string, number>();
  return (key) => {
    const next = (seen.get(key) ?? 0) + 1;
    seen.set(key, next);
    return next;
  };
}

/* eslint-disable no-bitwise -- a hash */
/** FNV-1a of 64 bits: a name, no secret. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  }
  return value.toString(16).padStart(16, '0');
}
