import { FaultRule } from './script';
import { Output } from '../operations/context';

type Input = Readonly<Record<string, unknown>>;
type PartialRule = Extract<FaultRule, { fault: 'partial' }>;

/** A batch call without the ids that are to fail, and the failures that its answer gets in their place. */
export function withoutSome(rule: PartialRule, input: Input): { readonly input: Input; readonly failures: readonly Output[] } {
  const member = 'layerDigests' in input ? 'layerDigests' : 'imageIds';
  const ids = input[member] as readonly unknown[];
  const kept = Math.max(0, ids.length - (rule.failing ?? 1));
  const failureCode = rule.failureCode ?? (member === 'layerDigests' ? 'InvalidLayerDigest' : 'KmsError');
  const failureReason = rule.failureReason ?? 'The item failed; this was told by a fault script.';
  return {
    input: { ...input, [member]: ids.slice(0, kept) },
    failures: ids.slice(kept).map((id) => ({ [member === 'layerDigests' ? 'layerDigest' : 'imageId']: id, failureCode, failureReason })),
  };
}

export const withFailures = (output: Output, failures: readonly Output[]): Output =>
  failures.length === 0 ? output : { ...output, failures: [...(output.failures as readonly Output[] | undefined ?? []), ...failures] };
