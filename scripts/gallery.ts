/**
 * Writes docs/gallery: a preview and a review in every form that the command line knows, and pictures of their pages where there is a Chromium. The same
 * sources give the same files: time and inventories are fixed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Page } from 'playwright-core';
import { Chromium, chromiumPath } from './chromium';
import { access } from '../examples/access/app';
import { retention } from '../examples/typescript/retention/app';

const root = join(__dirname, '..');
const gallery = join(root, 'docs', 'gallery');
const NOW = '2026-01-31T12:00:00Z';
const PICTURE_LIMIT = 300_000;

const FORMS = { table: 'txt', markdown: 'md', json: 'json', sarif: 'sarif', html: 'html' } as const;

interface Exhibit {
  readonly name: string;
  readonly command: readonly string[];
  readonly forms: readonly (keyof typeof FORMS)[];
}

const EXHIBITS: readonly Exhibit[] = [
  {
    name: 'preview',
    command: ['preview', '--app', '.demo/careless', '--inventory', 'examples/retention/inventory.json', '--now', NOW],
    // Its JSON has a sentence for each of 605 images, 700 KB: review.json shows the form.
    forms: ['table', 'markdown', 'sarif', 'html'],
  },
  {
    name: 'review',
    command: ['review', '--app', '.demo/proposed', '--before', '.demo/deployed', '--inventory', 'examples/access/inventory.json', '--now', NOW],
    forms: ['table', 'markdown', 'json', 'sarif', 'html'],
  },
];

function synthesize(): void {
  for (const [build, variants] of [[retention, ['careless']], [access, ['deployed', 'proposed']]] as const) {
    for (const variant of variants) {
      const outdir = join(root, '.demo', variant);
      rmSync(outdir, { recursive: true, force: true });
      build(variant, outdir).synth();
    }
  }
}

function write({ name, command, forms }: Exhibit): void {
  for (const form of forms) {
    const file = join(gallery, `${name}.${FORMS[form]}`);
    const args = [...command, '--format', form, '--out', file];
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'drydock'), ...args], { cwd: root, encoding: 'utf8' });
    // Both are blocked, as they should be.
    if (status !== 2) {
      throw new Error(`drydock ${args.join(' ')} ended with ${status}: ${stderr}`);
    }
    console.log(`docs/gallery/${name}.${FORMS[form]}: ${Math.ceil(statSync(file).size / 1000)} KB`);
  }
}

interface Picture {
  readonly name: string;
  readonly exhibit: string;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
  prepare?(page: Page): Promise<void>;
}

const to = async (page: Page, selector: string) => {
  await page.evaluate(`window.scrollTo(0, document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().top + window.scrollY - 20)`);
};
const choose = async (page: Page, repository: string) => {
  await page.locator('.chooser').getByRole('link', { name: repository }).click();
  await page.locator('h2', { hasText: repository }).waitFor();
};

const PICTURES: readonly Picture[] = [
  { name: 'preview', exhibit: 'preview', height: 960 },
  {
    name: 'preview-try',
    exhibit: 'preview',
    dark: true,
    height: 1180,
    prepare: async (page) => {
      await page.getByLabel('imageCountMoreThan of rule 1').fill('320');
      await page.getByLabel('imageCountMoreThan of rule 1').press('Enter');
      await page.locator('.edited-strip').waitFor();
      await page.waitForTimeout(500);
      await page.evaluate('document.activeElement.blur()');
    },
  },
  { name: 'preview-images', exhibit: 'preview', height: 1120, prepare: (page) => to(page, '.charts') },
  {
    name: 'preview-problem',
    exhibit: 'preview',
    height: 620,
    prepare: async (page) => {
      const editor = page.getByRole('textbox', { name: 'Lifecycle policy' });
      await editor.fill((await editor.inputValue()).replace('"any"', '"sometimes"').replace('"countNumber"', '"countNumer"'));
      await page.locator('.problem.error').first().waitFor();
      await to(page, '.try');
    },
  },
  { name: 'review', exhibit: 'review', height: 760 },
  {
    name: 'review-access', exhibit: 'review', height: 1380, prepare: async (page) => {
      await choose(page, 'shop/api');
      await page.locator('.tiles').waitFor();
    },
  },
  { name: 'review-replaced', exhibit: 'review', dark: true, height: 620, prepare: (page) => choose(page, 'shop/worker') },
  { name: 'review-phone', exhibit: 'review', width: 390, height: 844 },
  {
    name: 'preview-paper',
    exhibit: 'preview',
    width: 800,
    height: 1130,
    prepare: async (page) => {
      await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
      await page.emulateMedia({ media: 'print' });
    },
  },
];

async function draw(): Promise<void> {
  if (chromiumPath() === undefined) {
    console.log('No pictures: there is no chromium on the PATH, and CHROME_PATH names none.');
    return;
  }
  const chromium = await Chromium.start();
  try {
    for (const { name, exhibit, dark, width = 1280, height, prepare } of PICTURES) {
      const html = readFileSync(join(gallery, `${exhibit}.html`), 'utf8');
      const { page, complaints } = await chromium.openHtml(html, { viewport: { width, height: height ?? 900 }, colorScheme: dark ? 'dark' : 'light' });
      if (exhibit === 'preview') {
        await page.locator('.rows .row').first().waitFor();
      }
      await prepare?.(page);
      await page.waitForTimeout(300);
      const picture = await page.screenshot();
      if (complaints.length > 0 || picture.length > PICTURE_LIMIT) {
        throw new Error(`${name}.png: ${picture.length} bytes, ${complaints.join('; ')}`);
      }
      writeFileSync(join(gallery, `${name}.png`), picture);
      console.log(`docs/gallery/${name}.png: ${Math.ceil(picture.length / 1000)} KB`);
    }
  } finally {
    await chromium.stop();
  }
}

async function main(): Promise<void> {
  mkdirSync(gallery, { recursive: true });
  synthesize();
  EXHIBITS.forEach(write);
  await draw();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
