// The list of conversations. page.py listens to 'pick', 'retitle', 'erase' and 'seek'.
const rail = element.closest('#rail');
const label = name => rail.querySelector('.rail-head')?.dataset[name] ?? '';
const shut = () => { if (duban.narrow()) duban.rail(false); };
let typing = 0;

rail.addEventListener('click', async event => {
  const item = event.target.closest('li[data-id]'), id = item?.dataset.id;
  if (event.target.closest('[data-new]')) {
    trigger('pick', { id: '' });
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
    if (said?.title.trim()) trigger('retitle', { id, title: said.title });
  } else if (event.target.closest('[data-remove]')) {
    const said = await duban.dialog({ title: label('removeTitle'), how: label('removeHow'), ok: label('remove'),
      cancel: label('cancel'), danger: true });
    if (said) trigger('erase', { id });
  }
});
rail.addEventListener('input', event => {
  if (!event.target.matches('[data-find]')) return;
  clearTimeout(typing);
  typing = setTimeout(() => trigger('seek', { words: event.target.value }), 250);
});
watch('value', () => duban.address({ c: element.querySelector('.convs')?.dataset.current }));
