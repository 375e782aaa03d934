import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Browser, BrowserContextOptions, chromium, Page } from 'playwright-core';
import { pageAssets } from '../src/cli/package-files';
import { Plan } from '../src/report/plan';
import { planHtml } from '../src/report/plan-html';

/** A Chromium of this machine; undefined where there is none. Nothing is downloaded. */
export function chromiumPath(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const candidates = [process.env.CHROME_PATH ?? '', ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))];
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return file !== '';
    } catch {
      return false;
    }
  });
}

export interface OpenPage {
  readonly page: Page;
  /** Characters of the file. */
  readonly size: number;
  /** Errors, warnings and refusals of the browser, dialogs, and requests for anything but the page itself. */
  readonly complaints: readonly string[];
}

export class Chromium {
  public static async start(): Promise<Chromium> {
    // As root, in a container, there is no sandbox to be had.
    return new Chromium(await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'] }));
  }

  private readonly folder = mkdtempSync(join(tmpdir(), 'drydock-page-'));
  private files = 0;

  private constructor(private readonly browser: Browser) {}

  public async open(plan: Plan, options?: BrowserContextOptions): Promise<OpenPage> {
    return this.openHtml(planHtml(plan, pageAssets()), options);
  }

  public async openHtml(html: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const file = join(this.folder, `plan-${this.files++}.html`);
    writeFileSync(file, html);
    const context = await this.browser.newContext({ viewport: { width: 1360, height: 1000 }, colorScheme: 'light', reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    const address = pathToFileURL(file).href;
    page.on('request', (request) => request.url() === address || complaints.push(`request: ${request.url()}`));
    await page.goto(address);
    await page.locator('#view h2').waitFor();
    return { page, size: Buffer.byteLength(html), complaints };
  }

  public async stop(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
