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
// The page as it is printed is fetched when somebody wants to see it; a later wish overtakes an earlier one.
let wish = 0;
const draw = async (number = 0) => {
  const sheet = element.querySelector('.sheet');
  const first = Number(sheet.dataset.page), now = number || first;
  const print = sheet.querySelector('.print'), image = sheet.querySelector('img'), wait = sheet.querySelector('.wait');
  const mine = ++wish;
  sheet.dataset.now = now;
  sheet.querySelector('.turns b').textContent = now;
  for (const turn of sheet.querySelectorAll('[data-turn]')) {
    const to = now + Number(turn.dataset.turn);
    turn.disabled = to < 1 || to > Number(sheet.dataset.last);
  }
  const say = words => { wait.textContent = words; wait.hidden = !words; };
  const slow = setTimeout(() => say(wait.dataset.wait), 150);
  const [start, end] = sheet.dataset.span.split('-');
  let picture = null, why = wait.dataset.failed;
  try {
    const came = await fetch(`/page/${sheet.dataset.doc}/${now}${end ? `?start=${start}&end=${end}` : ''}`);
    if (came.ok) picture = await came.blob();
    else if (came.headers.get('content-type')?.startsWith('text/plain')) why = await came.text();
  } catch { /* the server has gone: what stands in the label is said */ }
  clearTimeout(slow);
  if (mine !== wish) return;
  if (image.src) URL.revokeObjectURL(image.src);
  image.hidden = !picture;
  image.removeAttribute('src');
  say(picture ? '' : why);
  if (!picture) return;
  image.src = URL.createObjectURL(picture);
  await image.decode().catch(() => say(wait.dataset.failed));
  sheet.dataset.shown = now;
  if (mine === wish) aim(print, image, now === first ? sheet.dataset : { x: 0, y: 0 });
};
const aim = (print, image, { x, y }) => {
  print.scrollTop = image.offsetTop + y * image.offsetHeight - print.clientHeight / 3;
  print.scrollLeft = image.offsetLeft + x * image.offsetWidth - 24;
};
const view = name => {
  const src = element.querySelector('.src'), paged = name === 'page' && !!src.querySelector('.sheet');
  src.classList.toggle('paged', paged);
  src.querySelectorAll('[data-view]').forEach(at => at.setAttribute('aria-pressed', String((at.dataset.view === 'page') === paged)));
  if (paged && !src.querySelector('.sheet').dataset.now) draw();
};

element.addEventListener('click', event => {
  const src = element.querySelector('.src');
  const line = event.target.closest('[data-to]');
  if (event.target.closest('.close')) close();
  else if (event.target.closest('[data-view]')) {
    const name = event.target.closest('[data-view]').dataset.view;
    localStorage.setItem('duban-view', name);
    view(name);
    if (name === 'text' && element.querySelector('mark')) show(element.querySelector('.text'), element.querySelector('mark'), 1 / 3);
  } else if (event.target.closest('[data-turn]')) {
    draw(Number(element.querySelector('.sheet').dataset.now) + Number(event.target.closest('[data-turn]').dataset.turn));
  } else if (event.target.closest('[data-zoom]')) {
    const zoom = event.target.closest('[data-zoom]'), sheet = zoom.closest('.sheet');
    const large = sheet.classList.toggle('large');
    zoom.setAttribute('aria-pressed', String(large));
    aim(sheet.querySelector('.print'), sheet.querySelector('img'), sheet.dataset.now === sheet.dataset.page ? sheet.dataset : { x: 0, y: 0 });
  } else if (event.target.closest('[data-outline]')) {
    src.classList.toggle('outlined');
    localStorage.setItem('duban-outline', src.classList.contains('outlined') ? '1' : '');
  } else if (line) {
    const to = element.querySelector(line.dataset.to === 'mark' ? 'mark' : `#${CSS.escape(line.dataset.to)}`);
    view('text');
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
  if (localStorage.getItem('duban-view') === 'page') view('page');
  (src.classList.contains('paged') ? element.querySelector('.print') : text).focus({ preventScroll: true });
  if (mark) show(text, mark, 1 / 3);
  const now = element.querySelector('.outline [aria-current]');
  if (now) now.closest('.outline').scrollTop = now.offsetTop - 80;
}));
