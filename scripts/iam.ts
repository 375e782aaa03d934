/** Walks every construct through its deployments and prints which permissions it was granted and which it used: npm run test:iam. */
import { NOT_WALKED, Outcome, walk } from '../test/iam/report';
import { SCENARIOS, stopRegistries } from '../test/iam/scenarios';
import { removeAssemblies } from '../test/rehearsal/assembly-builder';

async function main(words: readonly string[]): Promise<void> {
  const chosen = SCENARIOS.filter(({ construct, variant }) => words.every((word) => `${construct} ${variant}`.toLowerCase().includes(word.toLowerCase())));
  const outcomes: Outcome[] = [];
  const columns = (cells: readonly (string | number)[]) => console.log(cells.map((cell, i) => i < 2 ? String(cell).padEnd([22, 72][i]) : String(cell).padStart(10)).join(' '));
  columns(['construct', 'variant', 'granted', 'used', 'not walked', 'unused', 'missing', 'astray']);
  for (const scenario of chosen) {
    const outcome = await walk(scenario);
    outcomes.push(outcome);
    const { granted, used, notWalked, unused, missing, surprises } = outcome;
    columns([scenario.construct, scenario.variant, granted.length, used, notWalked.length, unused.length, missing.length, surprises.length]);
    outcome.unused.forEach((key) => console.log(`  unused: ${key}`));
    outcome.missing.forEach((key) => console.log(`  missing: ${key}`));
    outcome.surprises.forEach((what) => console.log(`  went astray: ${what}`));
    outcome.wide.forEach((key) => console.log(`  wider than it must be: ${key}`));
  }
  NOT_WALKED.forEach(({ construct, action, reason }) => console.log(`not walked: ${construct === undefined ? '' : `${construct}, `}${action}: ${reason}`));
  const wrong = outcomes.flatMap(({ unused, missing, wide, surprises }) => [...unused, ...missing, ...wide, ...surprises]);
  console.log(`${outcomes.length} variants; ${wrong.length === 0 ? 'unused: none; missing: none; wildcards without a reason: none; deployments that went astray: none' : `${wrong.length} findings`}`);
  process.exitCode = wrong.length === 0 && outcomes.length > 0 ? 0 : 1;
}

void main(process.argv.slice(2)).finally(async () => {
  await stopRegistries();
  removeAssemblies();
});
