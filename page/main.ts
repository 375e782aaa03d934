import { App } from './app';
import { unpackPlan } from '../src/report/plan-pack';

const app = new App(unpackPlan(JSON.parse(document.getElementById('plan')!.textContent!)));
app.mount(document.getElementById('page')!);

// Paper is white. A browser may say more than once that it prints.
let printing = false;
let theme: string | undefined;
window.addEventListener('beforeprint', () => {
  theme = printing ? theme : document.documentElement.dataset.theme;
  printing = true;
  document.documentElement.dataset.theme = 'light';
  app.draw();
  app.resize();
});
window.addEventListener('afterprint', () => {
  printing = false;
  if (theme === undefined) {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  app.draw();
});
