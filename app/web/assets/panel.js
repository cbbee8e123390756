// The source panel: hears what asks for a source anywhere on the page, brings its lit span into view, closes with Esc.
// Gradio gives `element`, `trigger`, `props` and `watch`; page.py listens to 'cite'.
let last = null;
const keyed = key => [...document.querySelectorAll('[data-source]')].filter(at => at.dataset.source === key && !element.contains(at));

const open = at => {
  if (!element.contains(at)) last = at.dataset.source;
  trigger('cite', { key: at.dataset.source, id: duban.talk.id });
};
const close = () => {
  props.value = '';
  document.querySelectorAll('.open[data-source]').forEach(at => at.classList.remove('open'));
  keyed(last)[0]?.focus();
};

const heard = {
  click: event => {
    const at = event.target.closest?.('[data-source]');
    if (at) open(at);
  },
  keydown: event => {
    if (event.key !== 'Escape' || event.isComposing || !element.querySelector('.src')) return;
    if (!document.querySelector('dialog[open], details.menu[open], details.scope-menu[open]')) close();
  },
};
(window.__duban ?? []).forEach(([type, hear]) => document.removeEventListener(type, hear, true));
window.__duban = Object.entries(heard);
window.__duban.forEach(([type, hear]) => document.addEventListener(type, hear, true));

// by hand: scrollIntoView would move the page as well
const show = (text, to, share) => {
  text.scrollTop += to.getBoundingClientRect().top - text.getBoundingClientRect().top
    - Math.max(24, (text.clientHeight - to.offsetHeight) * share);
};
element.addEventListener('click', event => {
  const src = element.querySelector('.src');
  const line = event.target.closest('[data-to]');
  if (event.target.closest('.close')) close();
  else if (event.target.closest('[data-outline]')) {
    src.classList.toggle('outlined');
    localStorage.setItem('duban-outline', src.classList.contains('outlined') ? '1' : '');
  } else if (line) {
    const to = element.querySelector(line.dataset.to === 'mark' ? 'mark' : `#${CSS.escape(line.dataset.to)}`);
    if (to) show(element.querySelector('.text'), to, 0.05);
    if (src.clientWidth < 640) src.classList.remove('outlined');
  }
});

watch('value', () => requestAnimationFrame(() => {
  const src = element.querySelector('.src');
  document.querySelectorAll('.open[data-source]').forEach(at => at.classList.remove('open'));
  if (!src) return;
  keyed(src.dataset.at).forEach(at => at.classList.add('open'));
  if (src.clientWidth >= 640 && localStorage.getItem('duban-outline') !== '') src.classList.add('outlined');
  const text = element.querySelector('.text'), mark = text.querySelector('mark');
  text.focus({ preventScroll: true });
  if (mark) show(text, mark, 1 / 3);
  const now = element.querySelector('.outline [aria-current]');
  if (now) now.closest('.outline').scrollTop = now.offsetTop - 80;
}));
