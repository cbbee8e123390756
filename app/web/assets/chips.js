// What the next question refers to, and which documents it asks. page.py listens to 'drop_chip' and 'narrow'.
const composer = element.closest('#composer');
composer.addEventListener('click', event => {
  const drop = event.target.closest('[data-drop]');
  if (drop) trigger('drop_chip', { ...duban.talk, kind: drop.dataset.drop, name: drop.dataset.name, value: drop.dataset.value });
});
// The menu has one set of choices: it is sent when it closes, so that it is not drawn anew while it is being used.
let before = '';
const narrow = scope => trigger('narrow', { id: duban.talk.id, scope });
const chosen = form => JSON.stringify(Object.fromEntries(new FormData(form)));
composer.addEventListener('toggle', event => {
  const form = event.target.querySelector?.('form[data-scope]');
  if (!form) return;
  if (event.target.open) before = chosen(form);
  else if (chosen(form) !== before) narrow(JSON.parse(chosen(form)));
}, true);
addEventListener('duban:within', event => { narrow({ doc: event.detail }); });
