// What the next question refers to, and which documents it asks. page.py listens to 'drop_chip' and 'narrow'.
element.addEventListener('click', event => {
  const drop = event.target.closest('[data-drop]');
  if (drop) trigger('drop_chip', { kind: drop.dataset.drop, name: drop.dataset.name, value: drop.dataset.value });
});
element.addEventListener('change', event => {
  const form = event.target.closest('form[data-scope]');
  if (form) trigger('narrow', Object.fromEntries(new FormData(form)));
});
let open = false;
element.addEventListener('toggle', event => { open = event.target.open; }, true);
watch('value', () => { // the menu stays open while it is being used
  const menu = element.querySelector('.scope-menu');
  if (menu && open && document.activeElement?.closest?.('#composer') === null) menu.open = true;
});
addEventListener('duban:within', event => { trigger('narrow', { doc: event.detail }); });
