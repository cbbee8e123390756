// The list of conversations. page.py listens to 'pick', 'retitle', 'erase' and 'seek'.
const rail = element.closest('#rail');
const label = name => rail.querySelector('.rail-head')?.dataset[name] ?? '';
const shut = () => { if (duban.narrow()) duban.rail(false); };
let typing = 0;

rail.addEventListener('click', async event => {
  const item = event.target.closest('li[data-id]'), id = item?.dataset.id;
  if (event.target.closest('[data-new]')) {
    // where nothing was asked yet, this is the new one: what is asked at once must not be wiped away by it
    const fresh = !duban.talk.id && document.querySelector('#chat .welcome') && !Object.values(duban.talk.scope).some(Boolean);
    if (!fresh) trigger('pick', { id: '' });
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
duban.take('first', html => {
  const list = element.querySelector('.convs');
  if (!list) return;
  const came = document.createElement('template');
  came.innerHTML = html;
  const [heading, group] = came.content.children, item = group.firstElementChild;
  const open = duban.talk.id === item.dataset.id;
  if (open) list.querySelectorAll('[aria-current]').forEach(at => at.removeAttribute('aria-current'));
  else item.querySelector('[aria-current]').removeAttribute('aria-current');
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
});
