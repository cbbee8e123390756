// The ledger: sends the filters at each change, the order and the page. page.py listens to 'survey' and 'listing'.
const room = element.closest('#ledger');
const form = () => room.querySelector('[data-filters]');
let order = '', desc = false, typing = 0, filled = false;

const sent = page => ({ ...(form() ? Object.fromEntries(new FormData(form())) : {}), order, desc: desc ? '1' : '', page: String(page) });
const list = (page = 1) => trigger('listing', sent(page));
const set = (name, value) => {
  const field = form().elements[name];
  field.value = field.value === value ? '' : value;
  list();
};

addEventListener('duban:room', event => {
  if (event.detail !== 'ledger' || filled) return;
  filled = true;
  trigger('survey', {});
});
addEventListener('duban:changed', () => { if (filled) trigger('survey', sent(1)); });
addEventListener('duban:tasks', event => {
  filled = true;
  order = '', desc = false;
  trigger('survey', { doc: event.detail });
});

room.addEventListener('input', event => {
  if (!event.target.closest('[data-filters]')) return;
  clearTimeout(typing);
  typing = setTimeout(list, event.target.matches('[type=search]') ? 300 : 0);
});
room.addEventListener('reset', () => setTimeout(() => {
  form().querySelectorAll('select, input:not([name=as_of])').forEach(field => { field.value = ''; });
  list();
}));
room.addEventListener('submit', event => { event.preventDefault(); list(); });
room.addEventListener('click', event => {
  const at = event.target.closest('[data-set],[data-month],th [data-order],.pager [data-page],[data-unfold]');
  if (!at) {
    const row = event.target.closest('tr[data-row]');
    if (row && !event.target.closest('button,a') && !String(getSelection())) row.querySelector('[data-source]').click();
    return;
  }
  if ('unfold' in at.dataset) {
    const open = form().classList.toggle('open');
    at.setAttribute('aria-expanded', String(open));
  } else if (at.dataset.set) {
    set(at.dataset.set, at.dataset.value);
  } else if (at.dataset.month) {
    const [year, month] = at.dataset.month.split('-').map(Number);
    const [after, before] = [form().elements.due_after, form().elements.due_before];
    const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
    const off = after.value === `${at.dataset.month}-01` && before.value === last;
    after.value = off ? '' : `${at.dataset.month}-01`;
    before.value = off ? '' : last;
    list();
  } else if (at.dataset.order) {
    desc = at.dataset.order === order ? !desc : false;
    order = at.dataset.order;
    list();
  } else {
    list(Number(at.dataset.page));
    room.scrollTop = 0;
  }
});

// The charts stay as the reader left them; where there is little room they begin folded.
const fold = () => localStorage.getItem('duban-charts') ?? (innerWidth < 1000 || innerHeight < 900 ? '' : '1');
room.addEventListener('click', event => {
  const at = event.target.closest('.charts-fold > summary');
  if (at) localStorage.setItem('duban-charts', at.parentElement.open ? '' : '1');
});
let checks = false;
room.addEventListener('toggle', event => { if (event.target.matches('.checks')) checks = event.target.open; }, true);
watch('value', () => {
  const [charts, notes] = [element.querySelector('.charts-fold'), element.querySelector('.checks')];
  if (charts) charts.open = fold() === '1';
  if (notes) notes.open = checks;
});
