import { App } from './app';
import { unpackPlan } from '../src/report/plan-pack';

const app = new App(unpackPlan(JSON.parse(document.getElementById('plan')!.textContent!)));
app.mount(document.getElementById('page')!);

// Paper is white.
let theme: string | undefined;
window.addEventListener('beforeprint', () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = 'light';
  app.draw();
  app.resize();
});
window.addEventListener('afterprint', () => {
  if (theme === undefined) {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  app.draw();
});
