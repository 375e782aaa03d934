import { Page } from 'playwright-core';
import { Chromium, chromiumPath } from '../../scripts/chromium';
import { policyHash } from '../../src/digest';
import { evaluate } from '../../src/lifecycle/evaluate';
import { explain } from '../../src/lifecycle/explain';
import { DEFAULT_GATE } from '../../src/lifecycle/gate';
import { PolicyDocument } from '../../src/lifecycle/model';
import { number } from '../../src/report/format';
import { Plan } from '../../src/report/plan';
import { days, exampleInventory, KEEP_100, LAYERED, manyImages, NOW, plan, repositoryPlan, rule } from '../report/plans';

const have = chromiumPath() !== undefined;
// A machine without Chromium says by name what it did not test.
(have ? describe : describe.skip)('in a Chromium (chromium on the PATH, or CHROME_PATH)', () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await Chromium.start();
  });
  afterAll(() => chromium?.stop());

  const inventory = exampleInventory('retention');
  const retention = (more: Partial<Parameters<typeof repositoryPlan>[0]> = {}) => plan([repositoryPlan({ inventory, ...more })]);
  const TRIED: PolicyDocument = { rules: [rule(1, { tagStatus: 'tagged', tagPatternList: ['production'], countNumber: 5 }), rule(2, { tagStatus: 'any', ...days(400) })] };

  const editor = (page: Page) => page.getByRole('textbox', { name: 'Lifecycle policy' });
  const tile = async (page: Page, kind: string) => (await page.locator(`.tile.${kind} dd`).first().innerText()).split(' ')[0];
  const status = (page: Page) => page.locator('.images-top [role=status]').innerText();
  const firstRow = (page: Page, cell: string) => page.locator(`.rows .row[aria-rowindex="2"] .c-${cell}`).innerText();
  const edit = async (page: Page, policy: PolicyDocument | string) => {
    await editor(page).fill(typeof policy === 'string' ? policy : JSON.stringify(policy, undefined, 2));
    await settled(page);
  };
  /** The editor waits a moment for the next key. */
  const settled = async (page: Page) => page.waitForTimeout(400);
  const open = async (one: Plan, options?: Parameters<Chromium['open']>[1]) => {
    const opened = await chromium.open(one, options);
    await opened.page.locator('.rows .row').first().waitFor();
    return opened;
  };

  test('the page renders without a complaint and without a request', async () => {
    const { page, complaints } = await open(retention());
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Blocked');
    expect(await page.title()).toBe('Preview of cdk.out: blocked');
    expect(await page.locator('.card .findings .finding strong').allInnerTexts()).toEqual(['DD-GATE-102', 'DD-GATE-103', 'DD-GATE-105']);
    expect([await tile(page, 'expires'), await tile(page, 'stays'), await tile(page, 'held')]).toEqual(['298', '307', '200']);
    expect(await page.locator('canvas').count()).toBe(2);
    expect(complaints).toEqual([]);
  });

  test('what the charts draw can be read as a table', async () => {
    const { page, complaints } = await open(retention());
    const chart = page.locator('figure').first();
    await chart.getByText('Show as a table').click();
    const totals = (await chart.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...(row as unknown as { cells: Iterable<{ textContent: string }> }).cells].slice(1).map(({ textContent }) => Number(textContent)))));
    expect(totals.flat().reduce((a, b) => a + b, 0)).toBe(605);
    expect(await chart.locator('canvas').getAttribute('aria-label')).toBe('Pushes over time: stays 107, held by an index 200, rule 1: expires 298');
    expect(complaints).toEqual([]);
  });

  test('images are searched, filtered and sorted', async () => {
    const { page } = await open(retention());
    expect(await status(page)).toBe('605 images, 18 GB');
    expect(await page.locator('.repository-top').innerText()).toContain('605 images · 18 GB');
    expect(await firstRow(page, 'tags')).toBe('2.2.0, production');
    await page.getByLabel('Search images').fill('production');
    await expectSoon(() => status(page), '1 of 605 images');
    expect(await firstRow(page, 'tags')).toBe('2.2.0, production');
    expect(await firstRow(page, 'reason')).toBe('DD-GATE-103, DD-GATE-105 318th newest of 598 images, rule 1 (`keep the last 100 images`) keeps 100.');
    await page.getByLabel('Search images').fill('');
    await page.getByLabel('What becomes of it').selectOption('held');
    await expectSoon(async () => (await status(page)).split(',')[0], '200 of 605 images');
    await page.getByLabel('What becomes of it').selectOption('');
    await page.getByRole('columnheader', { name: 'pushed' }).getByRole('button').click();
    const newest = [...inventory.imageDetails].map(({ imagePushedAt }) => String(imagePushedAt)).sort().reverse();
    expect(await firstRow(page, 'pushed')).toContain(newest[0].slice(0, 10));
    expect(await page.getByRole('columnheader', { name: 'pushed' }).getAttribute('aria-sort')).toBe('descending');
    await page.getByRole('columnheader', { name: 'pushed' }).getByRole('button').click();
    expect(await firstRow(page, 'pushed')).toContain(newest[newest.length - 1].slice(0, 10));
  });

  test('another policy is tried, and the page says what our evaluator says', async () => {
    const { page, complaints } = await open(retention());
    await edit(page, TRIED);
    const evaluation = evaluate(TRIED, inventory, NOW);
    const { summary } = evaluation;
    expect(summary.expires).not.toBe(298);
    expect(await tile(page, 'expires')).toBe(number(summary.expires));
    expect((await page.locator('.tile.expires .was').innerText()).trim()).toBe('was 298');
    expect(await tile(page, 'held')).toBe(number(summary.blocked));
    expect(await page.locator('.rules tbody tr').nth(1).locator('td').nth(4).innerText()).toBe(number(summary.rules[1].expires));
    expect(await page.locator('.gate-verdict').innerText()).toContain('The gate lets this policy pass.');
    expect(await page.locator('.edited-strip').innerText()).toContain(policyHash(TRIED));
    for (const verdict of [...evaluation.verdicts()].filter((_, i) => i % 150 === 0)) {
      await page.getByLabel('Search images').fill(verdict.imageDigest);
      await expectSoon(() => firstRow(page, 'digest'), verdict.imageDigest.slice(7, 19));
      await page.locator('.rows .row').first().click();
      expect(await page.locator('.detail .reason').innerText()).toContain(explain(verdict, TRIED));
    }
    await page.locator('.edited-strip').getByRole('button', { name: 'Reset' }).click();
    await expectSoon(() => tile(page, 'expires'), '298');
    expect(JSON.parse(await editor(page).inputValue())).toEqual(KEEP_100);
    expect(complaints).toEqual([]);
  });

  test('what the edit changes is listed, and the policy differs line by line', async () => {
    const { page } = await open(retention());
    await edit(page, { rules: [{ ...KEEP_100.rules[0], selection: { ...KEEP_100.rules[0].selection, countNumber: 120 } }] });
    expect(await page.locator('.diff .removed').allInnerTexts()).toEqual([expect.stringMatching(/"countNumber": 100/)]);
    expect(await page.locator('.diff .added').allInnerTexts()).toEqual([expect.stringMatching(/"countNumber": 120/)]);
    await page.getByLabel('Only', { exact: true }).selectOption('edited');
    const before = evaluate(KEEP_100, inventory, NOW);
    const after = evaluate({ rules: [{ ...KEEP_100.rules[0], selection: { ...KEEP_100.rules[0].selection, countNumber: 120 } }] }, inventory, NOW);
    const fate = (one: typeof before, i: number) => `${one.outcome(i)} ${one.verdict(i).reason === 'HELD_BY_INDEX'}`;
    const changed = inventory.imageDetails.filter((_, i) => fate(before, i) !== fate(after, i)).length;
    await expectSoon(async () => (await status(page)).split(',')[0], `${changed} of 605 images`);
  });

  test('a policy that ECR would refuse is said at its line, and what was shown stays', async () => {
    const { page } = await open(retention());
    await edit(page, '{\n  "rules": [\n    { "rulePriority": 1, "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 0 }, "action": { "type": "expire" } }\n  ]\n}');
    expect(await page.locator('.problem').innerText()).toMatch(/^line 3 Error DD-LIFECYCLE-\d+ /);
    expect(await page.locator('.mark.error').innerText()).toBe('0');
    expect(await page.locator('.gate-verdict').innerText()).toContain('ECR would refuse this policy.');
    expect(await tile(page, 'expires')).toBe('298');
    await edit(page, '{ "rules": [ }');
    expect(await page.locator('.problem').innerText()).toMatch(/^line 1 Error DD-LIFECYCLE-002 The text is not JSON: a value is expected here\./);
    await page.locator('.problem .line').click();
    expect(await page.evaluate('document.activeElement.selectionStart')).toBe(13);
    await edit(page, '');
    expect(await tile(page, 'expires')).toBe('0');
  });

  test('a number is changed where the rule is explained, and stands in the text', async () => {
    const { page } = await open(retention());
    const field = page.getByLabel('imageCountMoreThan of rule 1');
    await field.fill('300');
    await field.press('Enter');
    await expectSoon(() => tile(page, 'expires'), number(evaluate({ rules: [rule(1, { countNumber: 300 })] }, inventory, NOW).summary.expires));
    expect(await editor(page).inputValue()).toContain('"countNumber": 300');
  });

  test('the gate is tried like the policy', async () => {
    const { page } = await open(retention());
    const verdict = page.locator('.gate-verdict');
    expect(await verdict.locator('strong').allInnerTexts()).toEqual(['DD-GATE-102', 'DD-GATE-103', 'DD-GATE-105']);
    await page.getByLabel('% of the images may expire').fill('90');
    await page.getByLabel('protected tags').fill('latest');
    await settled(page);
    expect(await verdict.locator('strong').allInnerTexts()).toEqual(['DD-GATE-105']);
    await page.getByLabel('days since the last pull protect').fill('');
    await settled(page);
    expect(await verdict.innerText()).toBe('The gate lets this policy pass.');
    await page.getByLabel('on', { exact: true }).uncheck();
    await settled(page);
    expect(await verdict.innerText()).toBe('The gate is off: nothing is checked.');
  });

  test('a finding and a rule lead to their images', async () => {
    const { page } = await open(retention());
    await page.locator('.findings .finding', { hasText: 'DD-GATE-103' }).getByRole('button', { name: 'show the image' }).click();
    expect(await status(page)).toBe('1 of 605 images');
    await page.locator('.chip').click();
    expect(await status(page)).toBe('605 images, 18 GB');
    await page.locator('.rules').getByRole('button', { name: '1' }).click();
    expect(await status(page)).toMatch(/^598 of 605 images/);
  });

  test('a bar leads to the images that were pushed then', async () => {
    const { page } = await open(retention());
    const canvas = page.locator('canvas').first();
    const box = (await canvas.boundingBox())!;
    await canvas.click({ position: { x: box.width - 60, y: box.height * 0.6 } });
    expect(await page.locator('.chip').innerText()).toMatch(/^\d{4}-\d\d ×$/);
    expect(await status(page)).toMatch(/^\d+ of 605 images/);
  });

  test('hostile tags and names are text', async () => {
    const tags = ['<img src=x onerror=alert(1)>', '</script><script>alert(2)</script>', '"><svg onload=alert(3)>', '\u202egnp.exe', '\u001b[31mred'];
    const evil = { imageDetails: tags.map((tag, i) => ({ ...inventory.imageDetails[i], imageTags: [tag], imageManifestMediaType: tag, repositoryName: tags[0] })) };
    const { page, complaints } = await open(plan([
      repositoryPlan({
        title: tags[0], inventory: evil, policy: { rules: [rule(1, { countNumber: 1 }, { description: tags[1] })] }, inUseBy: () => tags, more: {
          access: { complete: true, changes: [{ change: 'gains', who: tags[0], actions: [], before: [], after: [], marks: [], text: tags[2] }] }, settings: [{ name: tags[0], before: tags[1], after: tags[3] }],
        },
      }),
    ], { app: tags[1], findings: [{ severity: 'error', code: tags[0], message: tags[1], fix: tags[2], effect: 'block' }] }));
    await page.locator('.rows .row').first().click();
    const text = await page.locator('#page').innerText();
    expect(text).toContain('<img src=x onerror=alert(1)>');
    expect(text).toContain('</script><script>alert(2)</script>');
    expect(text).toContain('\\u202egnp.exe');
    expect(text).toContain('\\u001b[31mred');
    expect(text).not.toMatch(/[\u202e\u001b]/);
    expect(await page.locator('img, svg, iframe, object, embed, link').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(2);
    expect(complaints).toEqual([]);
  });

  test('dark where the reader wants it, by the system or by hand', async () => {
    const background = (page: Page) => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const { page: dark } = await open(retention(), { colorScheme: 'dark' });
    const { page: light } = await open(retention(), { colorScheme: 'light' });
    expect(await background(dark)).not.toBe(await background(light));
    const ofDark = await background(dark);
    await light.getByRole('button', { name: 'Dark' }).click();
    expect(await background(light)).toBe(ofDark);
  });

  test('ten thousand images: below two megabytes, and only what is in sight is in the document', async () => {
    const many = manyImages(10_000);
    const { page, size, complaints } = await open(plan([repositoryPlan({ inventory: many, policy: LAYERED })]));
    expect(size).toBeLessThan(2_000_000);
    expect(await status(page)).toMatch(/^10,000 images/);
    const rows = page.locator('.rows .row');
    expect(await rows.count()).toBeLessThan(60);
    await page.locator('.grid').focus();
    await page.keyboard.press('End');
    await page.locator('.row[aria-rowindex="10001"]').waitFor();
    expect(await rows.count()).toBeLessThan(60);
    await edit(page, TRIED);
    await expectSoon(() => tile(page, 'expires'), number(evaluate(TRIED, many, NOW).summary.expires));
    expect(complaints).toEqual([]);
  });

  test('by keyboard: the rows, one of them in full, and back', async () => {
    const { page } = await open(retention());
    await page.locator('.grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const grid = page.locator('.grid');
    const active = async () => page.locator(`#${await grid.getAttribute('aria-activedescendant')}`).getAttribute('aria-rowindex');
    expect(await active()).toBe('4');
    await page.keyboard.press('Enter');
    expect(await page.locator('.detail dd').first().innerText()).toMatch(/^sha256:[0-9a-f]{64}$/);
    await page.keyboard.press('Escape');
    expect(await page.locator('.detail dd').count()).toBe(0);
  });

  test('everything that can be operated has a name, and headings go down step by step', async () => {
    const { page } = await open(retention());
    const nameless = await page.locator('button, input, select, textarea, [role=grid], canvas, nav').evaluateAll((elements) => elements
      .map((element) => element as unknown as { textContent: string; labels?: { length: number }; outerHTML: string; getAttribute(name: string): string | null })
      .filter((element) => !(element.textContent.trim() || element.labels?.length || element.getAttribute('aria-label')) || (element.labels?.length === 0 && !element.getAttribute('aria-label') && !element.textContent.trim()))
      .map(({ outerHTML }) => outerHTML));
    expect(nameless).toEqual([]);
    const levels = await page.locator('h1, h2, h3, h4').evaluateAll((elements) => elements.map(({ tagName }) => Number(tagName[1])));
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, i) => expect(level - levels[i]).toBeLessThanOrEqual(1));
  });

  test('on paper: what goes as a plain table, without the tools', async () => {
    const { page } = await open(retention(), { colorScheme: 'dark' });
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.grid').isVisible()).toBe(false);
    expect(await page.locator('.print-only tbody tr').count()).toBe(300);
    expect(await page.locator('.print-only p').innerText()).toBe('and 305 images more, not printed.');
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))");
    expect(await page.evaluate('document.documentElement.dataset.theme ?? null')).toBeNull();
  });

  test('several repositories: an overview, and one at a time, each with its own edit', async () => {
    const others = Array.from({ length: 10 }, (_, i) => repositoryPlan({ title: `shop/service-${i}`, inventory: manyImages(60 + i, `shop/service-${i}`) }));
    const gone = repositoryPlan({ title: 'shop/gone', inventory: { imageDetails: [] }, more: { change: 'delete', imageCount: 12, findings: [] } });
    const { page, complaints } = await chromium.open(plan([repositoryPlan({ inventory }), ...others, { ...gone, lifecycle: undefined }]));
    expect(await page.locator('.overview tbody tr').count()).toBe(12);
    expect(await page.locator('.overview tbody tr').last().innerText()).toContain('DELETED');
    await page.getByLabel('Search repositories').fill('api');
    await page.locator('.chooser').getByRole('link', { name: 'shop/api' }).click();
    await page.locator('.rows .row').first().waitFor();
    await edit(page, TRIED);
    await page.getByLabel('Search repositories').fill('service-3');
    await page.locator('.chooser').getByRole('link', { name: 'shop/service-3' }).click();
    await expectSoon(() => page.locator('.tile.stays dd').first().innerText(), '63');
    expect(await page.locator('.edited-strip').isVisible()).toBe(false);
    await page.getByLabel('Search repositories').fill('api');
    await page.locator('.chooser').getByRole('link', { name: 'shop/api' }).click();
    await page.locator('.edited-strip').waitFor();
    expect(JSON.parse(await editor(page).inputValue())).toEqual(TRIED);
    expect(complaints).toEqual([]);
  });

  const two = () => plan([
    repositoryPlan({ inventory }), repositoryPlan({ title: 'shop/web', inventory: manyImages(60, 'shop/web'), policy: { rules: [rule(1, { countNumber: 1000 })] } }),
  ], { findings: [{ severity: 'error', code: 'DD-REVIEW-001', message: 'Something about the app.', effect: 'block' }, { severity: 'note', code: 'DD-REVIEW-002', message: 'Something to know.' }] });

  test('the overview lists what stops the deployment, each with its repository, and once', async () => {
    const { page, complaints } = await chromium.open(two());
    const stopping = page.locator('.card', { hasText: 'What stops this deployment' });
    expect(await stopping.locator('.finding strong').allInnerTexts()).toEqual(['DD-REVIEW-001', 'DD-GATE-102', 'DD-GATE-103', 'DD-GATE-105']);
    expect(await page.locator('.card', { has: page.getByRole('heading', { name: 'About the app' }) }).locator('.finding strong').allInnerTexts()).toEqual(['DD-REVIEW-002']);
    expect(await page.locator('.repository h3').allInnerTexts()).toEqual(['What stops this deployment', 'About the app', 'Repositories']);
    await stopping.locator('.finding', { hasText: 'DD-GATE-103' }).getByRole('link', { name: 'shop/api' }).click();
    await page.locator('h2', { hasText: 'shop/api' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the address names the repository: it can be sent on, and Back goes back', async () => {
    const { page, complaints } = await chromium.open(two());
    const hash = () => page.evaluate('location.hash');
    const title = () => page.locator('h2').innerText();
    await page.locator('.chooser').getByRole('link', { name: 'shop/web' }).click();
    await expectSoon(async () => (await title()).startsWith('shop/web'), true);
    expect(await hash()).toBe('#/shop/web');
    await page.locator('.rows .row').first().waitFor();
    await page.reload();
    await expectSoon(async () => (await title()).startsWith('shop/web'), true);
    expect(await page.locator('.chooser [aria-current]').innerText()).toContain('shop/web');
    await page.locator('.chooser').getByRole('link', { name: 'shop/api' }).click();
    await expectSoon(async () => (await title()).startsWith('shop/api'), true);
    await page.locator('.skip').focus();
    await page.keyboard.press('Enter');
    expect(await hash()).toBe('#/shop/api');
    await page.goBack();
    await expectSoon(async () => (await title()).startsWith('shop/web'), true);
    await page.goBack();
    await expectSoon(title, 'Overview');
    await page.evaluate("location.hash = '#/nowhere'");
    await expectSoon(title, 'Overview');
    // A reload asks for the page itself, and for nothing else.
    expect(complaints.filter((one) => !/^request: file:.*#\/shop\/web$/.test(one))).toEqual([]);
  });

  test('what is empty everywhere has no column, no total and no tile', async () => {
    const { page } = await chromium.open(two());
    expect(await page.locator('.overview thead th').allInnerTexts()).toEqual(['repository', 'is', 'images', 'size', 'expire', 'findings']);
    expect(await page.locator('.totals dt').allInnerTexts()).toEqual(['repositories', 'images', 'expire', 'findings']);
    await page.locator('.chooser').getByRole('link', { name: 'shop/api' }).click();
    await page.locator('.rows .row').first().waitFor();
    expect(await page.locator('.tile dt').allInnerTexts()).toEqual(['expire', 'stay', 'held by an index']);
    expect(await page.locator('.rules thead th').allInnerTexts()).toEqual(['rule', 'what it does', 'number', 'selects', 'decides', 'expires', 'held']);
  });

  test('beside the list of repositories, too, the table shows why without scrolling', async () => {
    const { page } = await chromium.open(two(), { viewport: { width: 1280, height: 900 } });
    await page.locator('.chooser').getByRole('link', { name: 'shop/api' }).click();
    await page.locator('.rows .row').first().waitFor();
    const [grid, why] = [(await page.locator('.grid').boundingBox())!, (await page.locator('.rows .c-reason').first().boundingBox())!];
    expect(why.x + why.width).toBeLessThanOrEqual(grid.x + grid.width);
    expect(why.width).toBeGreaterThan(200);
    expect(await page.evaluate("(grid => grid.scrollWidth - grid.clientWidth)(document.querySelector('.grid'))")).toBe(0);
  });

  test('the calls that were made do not push the verdict away', async () => {
    const calls = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`DescribeSomethingLong${i}`, i + 1]));
    const { page } = await open(plan([repositoryPlan({ inventory })], { against: { kind: 'registry', text: 'eu-central-1', calls } }), { viewport: { width: 390, height: 844 } });
    expect(await page.locator('.calls p').isVisible()).toBe(false);
    await page.getByText('210 calls of the API').click();
    expect(await page.locator('.calls p').innerText()).toContain('20 DescribeSomethingLong19');
  });

  test('without an inventory the page shows what the plan says, and nothing to try', async () => {
    const one = repositoryPlan({ inventory });
    const { inventory: _, ...lifecycle } = one.lifecycle!;
    const { page, complaints } = await open(plan([{ ...one, lifecycle }]));
    expect(await tile(page, 'expires')).toBe('298');
    expect(await status(page)).toMatch(/^498 images/);
    expect(await page.locator('textarea').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('images that cannot be judged are said, and the rest of the page stands', async () => {
    const twice = { imageDetails: [inventory.imageDetails[0], inventory.imageDetails[0]] };
    const one = repositoryPlan({ inventory });
    const { page } = await chromium.open(plan([{ ...one, lifecycle: { ...one.lifecycle!, inventory: twice } }]));
    await expectSoon(async () => (await page.locator('.effects').innerText()).includes('DD-INVENTORY-005'), true);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Blocked');
  });

  test('images that run and would go are said', async () => {
    const used = inventory.imageDetails.find(({ imageTags = [] }) => imageTags.includes('production'))!.imageDigest;
    const { page } = await open(retention({ gate: { ...DEFAULT_GATE, inUse: ['ecs'] }, inUseBy: (digest) => digest === used ? ['ECS service prod/api'] : undefined }));
    expect(await page.locator('.gate-verdict').innerText()).toContain('DD-GATE-107');
    await page.getByLabel('Only', { exact: true }).selectOption('in use');
    await expectSoon(() => status(page), '1 of 605 images');
    await page.locator('.rows .row').first().click();
    expect(await page.locator('.detail').innerText()).toContain('ECS service prod/api');
  });

  test('no page is wider than its window, also on a telephone', async () => {
    for (const width of [1360, 800, 390]) {
      const { page } = await open(retention(), { viewport: { width, height: 800 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });

  /** Until it is so: the page answers a moment later. */
  async function expectSoon<T>(get: () => Promise<T>, wanted: T): Promise<void> {
    for (let i = 0; i < 50; i++) {
      if (await get().catch(() => undefined) === wanted) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await get()).toBe(wanted);
  }
});
