import * as fc from 'fast-check';
import { hostilePlan } from './hostile';
import { exampleInventory, manyImages, plan, repositoryPlan, throughJson } from './plans';
import { evaluate } from '../../src/lifecycle/evaluate';
import { explain } from '../../src/lifecycle/explain';
import { Inventory } from '../../src/lifecycle/model';
import { epochMillis, isoText } from '../../src/lifecycle/time';
import { packInventory, unpackInventory } from '../../src/report/inventory-pack';
import { Plan } from '../../src/report/plan';
import { PageAssets, planHtml, scriptJson } from '../../src/report/plan-html';
import { packPlan, PackedPlan, unpackPlan } from '../../src/report/plan-pack';
import * as arbitraries from '../lifecycle/arbitraries';

const ASSETS: PageAssets = { script: 'run("</p>");', style: 'p{color:red}', scriptHash: 'c2NyaXB0', styleHash: 'c3R5bGU=' };

/** Times may be written in several ways; the page writes one. */
function plainTimes({ imageDetails, ...rest }: Inventory): Inventory {
  return throughJson({
    ...rest,
    imageDetails: imageDetails.map((image) => Object.fromEntries(Object.entries(image).map(([name, value]) => [
      name, /Time$|At$/.test(name) && value !== undefined ? isoText(epochMillis(value as string)) : value,
    ])) as unknown as Inventory['imageDetails'][number]),
  });
}

test('an inventory is the same after packing, but for the spelling of times', () => {
  for (const inventory of [exampleInventory('retention'), manyImages(1000), { imageDetails: [] }]) {
    expect(throughJson(unpackInventory(throughJson(packInventory(inventory))))).toEqual(plainTimes(inventory));
  }
  fc.assert(fc.property(arbitraries.inventory, (inventory) => {
    expect(throughJson(unpackInventory(throughJson(packInventory(inventory))))).toEqual(plainTimes(inventory));
  }));
});

test('ten thousand images take less than a megabyte', () => {
  const size = scriptJson(packInventory(manyImages(10_000))).length;
  expect(size).toBeLessThan(1_000_000);
});

const dataOf = (html: string): PackedPlan => JSON.parse(/<script type="application\/json" id="plan">([^<]*)<\/script>/.exec(html)![1]) as PackedPlan;

/** What the page shows of an image is worked out there; here by the same code. */
function restored(packed: PackedPlan): unknown {
  const page = unpackPlan(packed);
  return throughJson({
    ...page,
    repositories: page.repositories.map(({ lifecycle, ...rest }) => {
      if (lifecycle?.inventory === undefined || lifecycle.policy === undefined) {
        return { ...rest, lifecycle };
      }
      const { inUse, ...kept } = lifecycle;
      const images = [...evaluate(lifecycle.policy, lifecycle.inventory, page.now).verdicts()].map((verdict) => {
        const inUseBy = inUse.get(verdict.imageDigest);
        return { ...verdict, explanation: explain(verdict, lifecycle.policy!), ...(inUseBy && { inUseBy }) };
      });
      return { ...rest, lifecycle: { ...kept, images } };
    }),
  });
}

function expected(one: Plan): unknown {
  return throughJson({
    ...one,
    repositories: one.repositories.map(({ lifecycle, ...rest }) => ({
      ...rest, lifecycle: lifecycle && {
        ...lifecycle, ...(lifecycle.inventory && { inventory: plainTimes(lifecycle.inventory), preview: lifecycle.preview && { ...lifecycle.preview, images: [] } }),
        ...(lifecycle.inventory === undefined && { inUse: {} }),
      },
    })),
  });
}

test('the page has the whole plan: with its evaluator it restores every image, its verdict, its sentence and who runs it', () => {
  const one = plan([repositoryPlan({ inventory: exampleInventory('retention'), inUseBy: (digest) => digest.endsWith('7') ? ['ECS service prod/api', '<b>'] : undefined })]);
  expect(restored(dataOf(planHtml(one, ASSETS)))).toEqual(expected(one));
});

test('whatever a plan holds, it comes back out of the page, and nothing of it is markup', () => {
  fc.assert(fc.property(hostilePlan, (hostile) => {
    const html = planHtml(hostile, ASSETS);
    expect(restored(dataOf(html))).toEqual(expected(hostile));
    expect(html.match(/<[a-z!/][^>]*>/gi)!.map((tag) => tag.replace(/content="[^"]*"/, ''))).toEqual(planHtml(plan([]), ASSETS).match(/<[a-z!/][^>]*>/gi)!.map((tag) => tag.replace(/content="[^"]*"/, '')));
  }), { numRuns: 40 });
});

test('the page may run its own script and its own style, and reach nothing', () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(planHtml(plan([]), ASSETS))![1];
  expect(policy).toBe("default-src 'none'; script-src 'sha256-c2NyaXB0'; style-src 'sha256-c3R5bGU='; img-src data:; worker-src blob:; base-uri 'none'; form-action 'none'");
});

test.each(['</script>', '<!--', '\u2028', '&amp;', ']]>'])('%j in data does not end the script element', (text) => {
  expect(scriptJson([text])).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(scriptJson([text]))).toEqual([text]);
});

test('packing leaves out what the page works out itself', () => {
  const packed = packPlan(plan([repositoryPlan({ inventory: exampleInventory('retention') })]));
  expect(Object.keys(packed.repositories[0].lifecycle!)).not.toContain('images');
  expect(packed.repositories[0].lifecycle!.preview!.images).toEqual([]);
});
