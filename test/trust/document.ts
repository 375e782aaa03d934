import { placeIn } from './edits';
import { CLASSIC_FAILURES } from './protections';
import { filled } from './titles';

const BEGIN = '<!-- protections: npm run test:trust -- --document -->';
const END = '<!-- /protections -->';

/** The part of docs/trust.md that is made from the table. */
function table(root: string): string {
  const rows = CLASSIC_FAILURES.flatMap(({ number, failure, cost, protections }) => [
    `| ${number} | **${failure}** | | ${cost} |`,
    ...protections.map((protection) => {
      const { file, name } = placeIn(root, protection);
      const tests = protection.tests.map((test) => `\u201c${filled(test).replace(/%s:? ?/g, '\u2026 ').replace(/\|/g, '\\|')}\u201d`).join('<br>');
      return `| | ${protection.handler}: ${protection.protection} | \`${file}\` ${name} | ${tests} |`;
    }),
  ]);
  return ['| | failure, and what protects whom from it | where | what it costs; which test would tell |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The document with its table as it is today. */
export function withTable(root: string, document: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`docs/trust.md has no ${BEGIN} and ${END} around its table.`);
  }
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table(root)}\n\n${document.slice(end)}`;
}
