/** The real CDK CLI against an account on this machine: its own output, and the registry after each step. */
import { cdkDeployStory } from '../test/cdk-deploy/story';

const EXPECTED: Readonly<Record<string, number>> = { 'failing update': 1 };

void cdkDeployStory(({ name, exitCode, output, registry }) => {
  console.log(`\n=== ${name} (exit code ${exitCode})`);
  console.log(output.trim().split('\n').slice(-25).map((line) => `  ${line}`).join('\n'));
  console.log(`--- the registry\n${registry.map((line) => `  ${line}`).join('\n')}`);
  if (exitCode !== (EXPECTED[name] ?? 0)) {
    console.log(`!!! exit code ${exitCode} was not expected`);
    process.exitCode = 1;
  }
});
