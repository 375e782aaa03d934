import { Plan } from './plan';
import { packPlan } from './plan-pack';
import { kindText } from './plan-words';
import { sanitise } from './sanitise';

/** What the page is made of besides the plan: its script and its style, each with the SHA-256 of its UTF-8 bytes in base64. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
  readonly scriptHash: string;
  readonly styleHash: string;
}

/** One page without a network: what runs and what colours is known by its hash, and nothing else may. */
export function planHtml(plan: Plan, { script, style, scriptHash, styleHash }: PageAssets): string {
  const policy = `default-src 'none'; script-src 'sha256-${scriptHash}'; style-src 'sha256-${styleHash}'; img-src data:; worker-src blob:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(`${kindText(plan)} of ${plan.app}: ${plan.outcome}`)}</title>
<style>${style}</style>
</head>
<body>
<main id="page"><p>This page needs JavaScript; it asks no network for anything.</p></main>
<script type="application/json" id="plan">${scriptJson(packPlan(plan))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that ends no script element, begins none, and no comment either. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function escapeHtml(text: string): string {
  return sanitise(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
