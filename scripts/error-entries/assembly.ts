import { EntriesOf } from './entry';
import type { AssemblyCode } from '../../src/assembly/codes';

export const ASSEMBLY_ENTRIES: EntriesOf<AssemblyCode> = {
  'DD-ASSEMBLY-001': {
    when: 'The directory has no `manifest.json` of a cloud assembly, or a file that the manifest names is missing or not JSON.',
    fix: 'Run `cdk synth`, and give the directory that it writes (`cdk.out`).',
  },
  'DD-ASSEMBLY-002': {
    when: 'No stack of the assembly has that name, or several have it.',
    fix: 'Take one of the names in the message. A rehearsal has one account and Region.',
  },
  'DD-ASSEMBLY-003': {
    when: 'CloudFormation would refuse the template too; or it has a transform, which runs in the account, so that nobody knows here what comes out.',
    fix: 'Correct the place that the message names, or leave the stack out with `--stack`.',
  },
  'DD-ASSEMBLY-004': {
    when: 'The template uses a function that CloudFormation may know and this library does not.',
    fix: 'Leave the stack out with `--stack`, or say it with another function.',
  },
  'DD-ASSEMBLY-005': {
    when: 'A `Ref`, `Fn::GetAtt`, `Fn::Sub`, `DependsOn` or `Condition` names something that the template does not have.',
    fix: 'Declare it, or correct the name.',
  },
  'DD-ASSEMBLY-006': {
    when: 'Resources refer to each other in a circle, so none can be the first.',
    fix: 'Break the circle at one of the resources in the message; with CDK often by a literal name in place of a reference.',
  },
  'DD-ASSEMBLY-007': {
    when: 'Stacks depend on each other in a circle.',
    fix: 'Move the construct that causes it into one of the stacks.',
  },
  'DD-ASSEMBLY-008': {
    when: 'The `TemplateURL` of a nested stack leads outside the assembly.',
    fix: 'Use `NestedStack` of aws-cdk-lib, whose template is an asset.',
  },
};
