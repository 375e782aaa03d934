import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DrydockError, Problem } from './errors';
import { InUse } from './in-use';
import { DEFAULT_GATE } from './lifecycle/gate';
import { gateFromProperty } from './lifecycle/gate-property';
import { protectNativeRepositories } from './native-gate';
import { GateProperty } from './resources';

/** What a gate counts an image against. */
export enum PreviewBaseline {
  /** Only what the new policy acts on and the policy in force does not. */
  POLICY_IN_FORCE = 'policy-in-force',
  /** Everything that the new policy acts on, also what would have gone anyway. */
  EVERYTHING = 'everything',
}

/**
 * What stops a deployment. Every check that is left out has its default; the settings that turn one off are named with it.
 */
export interface PreviewGateOptions {
  /**
   * More images than this may not expire.
   *
   * @default - no limit on the number
   */
  readonly maxExpiringImages?: number;

  /**
   * A larger share of the repository's images (archived ones included) may not expire, nor a larger share of those that have a tag: the untagged children
   * of indexes would otherwise hide that most of what people know by name goes. 0 to 100; 100 turns the check off.
   *
   * @default 50
   */
  readonly maxExpiringPercent?: number;

  /**
   * No image that carries a matching tag may expire or be archived. `*` stands for any run of characters, the whole tag must match. An empty list
   * turns the check off.
   *
   * @default ['latest', 'stable*', 'prod*', 'live*', 'release*']
   */
  readonly protectedTagPatterns?: string[];

  /**
   * No image pushed within this time may expire or be archived.
   *
   * @default - the push time does not matter
   */
  readonly protectPushedWithin?: Duration;

  /**
   * No image pulled within this time may expire or be archived. ECR records the pull time with up to a day's delay. A duration of zero turns the
   * check off.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
   * @default Duration.days(30)
   */
  readonly protectPulledWithin?: Duration;

  /**
   * None of these images may expire or be archived: `sha256:` and 64 hexadecimal digits.
   *
   * @default - no digests
   */
  readonly protectedDigests?: string[];

  /**
   * Look for images that run at the time of the deployment: none of them may expire or be archived, newly or not. The deployment fails when it cannot be
   * found out. It grants permissions that reach beyond the repository; see `InUse`.
   *
   * @default - nobody looks
   */
  readonly inUse?: InUse;

  /**
   * What is counted.
   *
   * @default PreviewBaseline.POLICY_IN_FORCE
   */
  readonly countAgainst?: PreviewBaseline;

  /**
   * Hashes of policies whose effect somebody has looked at and accepted; a blocked deployment prints the hash. It names the content of one policy: any
   * later edit of the policy is judged anew.
   *
   * @default - nothing is acknowledged
   */
  readonly acknowledgedPolicies?: string[];
}

/** Options of `PreviewGate.protect`. */
export interface ProtectOptions {
  /**
   * What stops the deployment.
   *
   * @default PreviewGate.standard()
   */
  readonly gate?: PreviewGate;
}

/**
 * What stops a deployment before it changes a lifecycle policy.
 *
 * ECR previews the new policy (and the one in force) against the images that are in the repository at that moment; the gate judges the result. An empty
 * repository passes without a preview; a rollback is never stopped.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lpp_creation.html
 *
 * @example
 * // In front of every repository of the app that CloudFormation manages, and has a lifecycle policy.
 * PreviewGate.protect(app, {
 *   gate: PreviewGate.of({
 *     maxExpiringPercent: 20,
 *     protectedTagPatterns: ['live', 'release-*'],
 *     protectPulledWithin: Duration.days(14),
 *   }),
 * });
 */
export class PreviewGate {
  /**
   * The default gate: at most 50 percent of the images, and of the tagged ones, newly expire, and no image newly expires or is archived that carries a tag like
   * `latest`, `stable*`, `prod*`, `live*` or `release*` or was pulled within 30 days.
   */
  public static standard(): PreviewGate {
    return PreviewGate.of({});
  }

  /**
   * The default gate with the given settings in place of its own. Throws DD-GATE-003 for values that cannot be used.
   *
   * @param options what differs from the default gate
   */
  public static of(options: PreviewGateOptions): PreviewGate {
    return new PreviewGate(checked({
      MaxExpiringImages: options.maxExpiringImages,
      MaxExpiringPercent: options.maxExpiringPercent ?? DEFAULT_GATE.maxExpiringPercent,
      ProtectedTagPatterns: options.protectedTagPatterns ?? [...DEFAULT_GATE.protectedTagPatterns ?? []],
      ProtectPushedWithinDays: options.protectPushedWithin?.toDays({ integral: false }),
      ProtectPulledWithinDays: options.protectPulledWithin?.toDays({ integral: false }) ?? DEFAULT_GATE.protectPulledWithinDays,
      ProtectedDigests: options.protectedDigests,
      CountAgainst: options.countAgainst ?? PreviewBaseline.POLICY_IN_FORCE,
      InUse: options.inUse?._render(),
      Acknowledged: options.acknowledgedPolicies,
    }));
  }

  /** No preview and no gate: the policy is put unseen. */
  public static off(): PreviewGate {
    return new PreviewGate('off');
  }

  /**
   * Puts a gate in front of every repository below a scope that CloudFormation itself manages (`ecr.Repository`, `CfnRepository`) and that has a
   * lifecycle policy. Nothing else changes: without this line the app is what it was. Where calls nest, the innermost scope's gate counts;
   * `PreviewGate.off()` leaves a scope out. A `LifecyclePolicy` construct keeps its own gate.
   *
   * Call it after the stages of an app are made: CDK does not carry aspects into stages, and a repository that would be missed fails the synthesis
   * (DD-REPOSITORY-011).
   *
   * @param scope an app, a stage, a stack or any construct
   * @param options what stops the deployment
   */
  public static protect(scope: IConstruct, options: ProtectOptions = {}): void {
    protectNativeRepositories(scope, (options.gate ?? PreviewGate.standard())._render());
  }

  /**
   * A gate as it stands in a template.
   * @internal
   */
  public static _from(property: GateProperty): PreviewGate {
    return new PreviewGate(property);
  }

  private constructor(private readonly property: GateProperty) {}

  /**
   * The property of the custom resource.
   * @internal
   */
  public _render(): GateProperty {
    return this.property;
  }
}

/** The handler's own reader judges the settings, tokens aside. */
function checked(property: Exclude<GateProperty, 'off'>): GateProperty {
  const given = Object.fromEntries(Object.entries(property).filter(([, value]) => value !== undefined));
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => !Token.isUnresolved(value) && !(Array.isArray(value) && value.some(Token.isUnresolved))));
  try {
    gateFromProperty(known);
  } catch (error) {
    throw new DrydockError((error as { problems: Problem[] }).problems, { heading: 'The preview gate cannot be used:', cause: error });
  }
  return given;
}
