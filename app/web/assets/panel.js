// The source panel: hears what asks for a source anywhere on the page, brings its lit span into view, closes with Esc.
// Gradio gives `element`, `trigger`, `props` and `watch`; 'cite' and 'example' are the events that page.py listens to.
const SOURCE = '.chat a[href^="#cite-"], [data-source]';
const sought = target => target?.closest?.(SOURCE) ?? null;
const keyOf = link => link.dataset.source ?? link.getAttribute('href').slice('#cite-'.length);
let pressed = null, opened = 0, last = null;

const open = link => {
  if (!element.contains(link)) last = keyOf(link);
  trigger('cite', { key: keyOf(link) });
};

// The chat replaces a message while it is being answered, and then no click follows a press: press and release decide.
const heard = {
  pointerdown: event => {
    const link = event.button === 0 ? sought(event.target) : null;
    pressed = link && { link, x: event.clientX, y: event.clientY };
  },
  pointerup: event => {
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 8) {
      opened = performance.now();
      open(pressed.link);
    }
    pressed = null;
  },
  click: event => {
    const example = event.target.closest?.('.chat a[href^="#ask-"]');
    if (example) {
      event.preventDefault();
      event.stopPropagation();
      trigger('example', { number: example.getAttribute('href').slice('#ask-'.length) });
      return;
    }
    const link = sought(event.target);
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    // detail 0: the keyboard or an assistive device, which press no pointer
    if (event.detail === 0 || performance.now() - opened > 400) open(link);
  },
  keydown: event => {
    if (event.key === 'Escape' && !event.isComposing && element.querySelector('.src')) close();
  },
};
(window.__duban ?? []).forEach(([type, hear]) => document.removeEventListener(type, hear, true));
window.__duban = Object.entries(heard);
window.__duban.forEach(([type, hear]) => document.addEventListener(type, hear, true));

const close = () => {
  props.value = '';
  if (last === null) return;
  const key = CSS.escape(last);
  document.querySelector(`.chat a[href="#cite-${key}"], [data-source="${key}"]`)?.focus();
};
element.addEventListener('click', event => { if (event.target.closest('.close')) close(); });

watch('value', () => requestAnimationFrame(() => {
  const at = element.querySelector('.src')?.dataset.at;
  document.querySelectorAll('.chat a.open').forEach(link => link.classList.remove('open'));
  if (at) document.querySelectorAll(`.chat a[href="#cite-${at}"]`).forEach(link => link.classList.add('open'));
  const text = element.querySelector('.text');
  if (!text) return;
  text.focus({ preventScroll: true });
  const mark = text.querySelector('mark');
  // by hand: scrollIntoView would move the page as well
  if (mark) text.scrollTop += mark.getBoundingClientRect().top - text.getBoundingClientRect().top
    - Math.max(24, (text.clientHeight - mark.offsetHeight) / 3);
}));
