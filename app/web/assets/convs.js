// The list of conversations. page.py listens to 'pick', 'retitle', 'erase' and 'seek'.
const rail = element.closest('#rail');
const label = name => rail.querySelector('.rail-head')?.dataset[name] ?? '';
const shut = () => { if (duban.narrow()) duban.rail(false); };
let typing = 0;

rail.addEventListener('click', async event => {
  const item = event.target.closest('li[data-id]'), id = item?.dataset.id;
  if (event.target.closest('[data-new]')) {
    // where nothing was asked yet, this is the new one: what is asked at once must not be wiped away by it
    const welcome = document.querySelector('#chat [data-token="welcome"]');
    if (duban.talk.id || !welcome || Object.values(duban.talk.scope).some(Boolean)) {
      duban.said({ id: '', chat: '<div data-token="welcome"></div>', scope: {} });
      trigger('pick', { id: '' });
    }
    duban.room('ask');
    shut();
    document.querySelector('#box textarea')?.focus();
  } else if (event.target.closest('[data-pick]')) {
    trigger('pick', { id });
    duban.room('ask');
    shut();
  } else if (event.target.closest('[data-rename]')) {
    const title = item.querySelector('.pick').textContent;
    const asked = duban.dialog({ title: label('renameTitle'), ok: label('ok'), cancel: label('cancel'),
      fields: '<input name="title" maxlength="60" required autofocus>' });
    const input = document.querySelector('dialog.duban input');
    input.value = title;
    input.setAttribute('aria-label', label('renameTitle'));
    input.select();
    const said = await asked;
    if (said?.title.trim()) trigger('retitle', { id, title: said.title, open: duban.talk.id });
  } else if (event.target.closest('[data-remove]')) {
    const said = await duban.dialog({ title: label('removeTitle'), how: label('removeHow'), ok: label('remove'),
      cancel: label('cancel'), danger: true });
    if (said) trigger('erase', { id, open: duban.talk.id });
  }
});
rail.addEventListener('input', event => {
  if (!event.target.matches('[data-find]')) return;
  clearTimeout(typing);
  typing = setTimeout(() => trigger('seek', { words: event.target.value, open: duban.talk.id }), 250);
});

// The one that was just asked in stands first; the server sends it alone, not the whole list.
let newest = '';
const put = () => {
  const list = element.querySelector('.convs');
  if (!list || !newest) return;
  const came = document.createElement('template');
  came.innerHTML = newest;
  const [heading, group] = came.content.children, item = group.firstElementChild;
  const old = list.querySelector(`li[data-id="${CSS.escape(item.dataset.id)}"]`), held = old?.parentElement;
  old?.remove();
  if (held && !held.children.length) {
    held.previousElementSibling.remove();
    held.remove();
  }
  list.querySelector('p')?.remove();
  const first = list.querySelector('h3');
  if (first?.textContent === heading.textContent) first.nextElementSibling.prepend(item);
  else list.prepend(heading, group);
  mark();
};
const at = () => element.querySelector(`li[data-id="${CSS.escape(duban.talk.id)}"] .pick`);
// Which one is open, only the browser knows: a list may have been on its way since before.
const mark = () => {
  element.querySelectorAll('[aria-current]').forEach(pick => pick.removeAttribute('aria-current'));
  at()?.setAttribute('aria-current', 'true');
};
duban.take('first', html => { newest = html; put(); });
addEventListener('duban:talk', mark);
new MutationObserver(() => {
  const whole = !rail.querySelector('[data-find]')?.value;
  if (whole && duban.talk.id && !at() && newest.includes(`data-id="${duban.talk.id}"`)) put();
  else mark();
}).observe(element, { childList: true, subtree: true });
