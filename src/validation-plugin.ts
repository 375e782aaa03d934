import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolation,
} from 'aws-cdk-lib';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { ACCESS_CODES } from './access/codes';
import { DrydockError } from './errors';
import { LIFECYCLE_CODES } from './lifecycle/codes';
import { PlanFinding } from './report/plan';
import { sanitise } from './report/sanitise';
import { readDesired } from './review/desired';
import { offlineChecks } from './review/offline-checks';
import { REVIEW_CHANGE_CODES } from './review/review-codes';

/** Properties of `DrydockValidation`. */
export interface DrydockValidationProps {
  /**
   * Whether warnings fail the synthesis, too.
   *
   * @default false
   */
  readonly strict?: boolean;
}

/**
 * A validation plugin of the CDK: `cdk synth` reads what the app says of ECR and reports, with construct paths, what ECR would refuse, what is rarely meant
 * and what resources do to each other, native ones and those of this library alike. It asks nothing of AWS and changes no template.
 *
 * Register it with `Validations.of(app).addPlugins(new DrydockValidation())`. A rule is acknowledged as `cdk-drydock::DD-ACCESS-101`. With
 * `CDK_VALIDATION=false` newer versions of the CDK run no plugin.
 *
 * Reports: DD-LIFECYCLE-0xx and DD-LIFECYCLE-1xx, DD-ACCESS-0xx and DD-ACCESS-1xx, DD-REVIEW-2xx.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html
 *
 * @example
 * Validations.of(app).addPlugins(new DrydockValidation({ strict: true }));
 */
export class DrydockValidation implements IPolicyValidationPlugin {
  /** Name of the plugin in reports and acknowledgements. */
  public readonly name = 'cdk-drydock';
  /** Codes that it may report. */
  public readonly ruleIds?: string[] = [LIFECYCLE_CODES, ACCESS_CODES, REVIEW_CHANGE_CODES].flatMap((codes) => Object.keys(codes));

  private readonly strict: boolean;

  constructor(props: DrydockValidationProps = {}) {
    this.strict = props.strict ?? false;
  }

  /**
   * Called by the CDK after the templates are written.
   *
   * @param context the templates
   */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const asked = new Set(context.templatePaths.map((path) => resolve(path)));
    const findings = rootsOf(context.templatePaths).flatMap((root) => findingsIn(root, asked));
    const success = !findings.some(({ severity }) => severity === 'error' || (this.strict && severity === 'warning'));
    if (nobodyReports()) {
      findings.forEach(({ text }) => console.error(text));
      process.exitCode = success ? process.exitCode : 1;
    }
    return { success, violations: grouped(findings.map(({ violation }) => violation)) };
  }
}

/**
 * Newer versions of the CDK CLI want to report what plugins find, and read it from a file that older versions of aws-cdk-lib do not write: what is found
 * would be seen by nobody, and stop nothing.
 */
function nobodyReports(): boolean {
  const context = [process.env.CDK_CONTEXT_JSON, overflown(process.env.CONTEXT_OVERFLOW_LOCATION)].map((text) => JSON.parse(text || '{}') as Record<string, unknown>);
  return !('VALIDATION_REPORT_FILE' in cxapi) && context.some((one) => one['@aws-cdk/core:failSynthOnValidationErrors'] === false);
}

function overflown(file: string | undefined): string | undefined {
  return file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

interface Found {
  readonly severity: PlanFinding['severity'];
  /** In one line. */
  readonly text: string;
  readonly violation: PolicyViolation;
}

function findingsIn(root: string, asked: ReadonlySet<string>): Found[] {
  const app = readDesired(root);
  const stacks = new Map(app.stacks.map((stack) => [stack.id, stack]));
  const isAsked = (stackId: string): boolean => {
    const stack = stacks.get(stackId);
    return stack !== undefined && (stack.nestedIn ? isAsked(stack.nestedIn.stackId) : asked.has(resolve(root, stack.templateFile)));
  };
  const files = new Set(app.stacks.filter(({ id }) => isAsked(id)).map(({ templateFile }) => templateFile));
  const { lifecycle, access, conflicts } = offlineChecks(app);
  const findings = [...lifecycle, ...access, ...conflicts].filter(({ at }) => at !== undefined && files.has(at.templateFile)).filter(isNews);
  return [...app.findings, ...findings].map((finding) => ({ severity: finding.severity, text: textOf(finding), violation: violationOf(root, finding) }));
}

/** What this library's constructs warn of is an annotation already, and may be acknowledged there. */
function isNews({ severity, code, at }: PlanFinding): boolean {
  return !(severity === 'warning' && at?.resourceType.startsWith('Custom::Drydock') && /^DD-(?:ACCESS|LIFECYCLE)-/.test(code));
}

function textOf({ severity, code, at, place, message, fix }: PlanFinding): string {
  const where = [at?.constructPath, place].filter((part) => part !== undefined).join(' ');
  return sanitise(`[${severity}] ${code} at ${where}: ${message}${fix === undefined ? '' : ` Fix: ${fix}`}`);
}

const SEVERITIES: Readonly<Record<PlanFinding['severity'], string>> = { error: 'error', warning: 'warning', note: 'info' };

function violationOf(root: string, { code, severity, message, fix, at, place }: PlanFinding): PolicyViolation {
  return {
    ruleName: code,
    description: message,
    severity: SEVERITIES[severity],
    ...(fix !== undefined && { fix }),
    violatingResources: at === undefined ? [{ locations: place === undefined ? [] : [place] }] : [{
      resourceLogicalId: at.logicalId,
      templatePath: join(root, at.templateFile),
      locations: place === undefined ? [] : [`Properties${place}`],
    }],
  };
}

/** What is the same of several resources is told once. */
function grouped(violations: readonly PolicyViolation[]): PolicyViolation[] {
  const groups = new Map<string, PolicyViolation>();
  for (const violation of violations) {
    const { violatingResources, ...same } = violation;
    const key = JSON.stringify(same);
    groups.set(key, { ...same, violatingResources: [...groups.get(key)?.violatingResources ?? [], ...violatingResources] });
  }
  return [...groups.values()];
}

/** The folders of the outermost assemblies that the templates belong to: stages have folders of their own below. */
function rootsOf(templatePaths: readonly string[]): string[] {
  return [...new Set(templatePaths.map((path) => {
    let root: string | undefined;
    for (let folder = dirname(resolve(path)); existsSync(join(folder, 'manifest.json')); folder = dirname(folder)) {
      root = folder;
    }
    if (root === undefined) {
      throw new DrydockError({
        code: 'DD-ASSEMBLY-001', pointer: path, message: 'The template is in no cloud assembly: there is no manifest.json beside it.', value: path, fix: 'Synthesize the app with the CDK.',
      });
    }
    return root;
  }))];
}
