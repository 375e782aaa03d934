import { sanitise } from '../src/report/sanitise';

export type Child = Node | string | number | false | undefined | readonly Child[];

type Handlers = { readonly [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
type Attributes = Handlers & { readonly [name: string]: unknown };

/** An element. Texts of others reach the page only here, as text, with what acts on the reader's eye made visible. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : sanitise(String(value)));
    }
  }
  add(element, children);
  return element;
}

function add(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) {
      add(element, child as readonly Child[]);
    } else if (child instanceof Node) {
      element.append(child);
    } else if (child !== undefined && child !== false) {
      element.append(sanitise(String(child as string | number)));
    }
  }
}

export function fill<E extends Element>(element: E, ...children: Child[]): E {
  element.replaceChildren();
  add(element, children);
  return element;
}

let last = 0;

export function id(prefix: string): string {
  last += 1;
  return `${prefix}-${last}`;
}

export function debounce(wait: number, action: () => void): () => void {
  let timer: number | undefined;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(action, wait);
  };
}
