// The documents: files are sent one by one, their stages asked for while any is on its way.
// page.py listens to 'shelve', 'tick', 'again', 'dismiss', 'lookup' and 'withdraw'.
const room = element.closest('#shelf');
const query = () => room.querySelector('[data-words]')?.value ?? '';
const sending = () => room.querySelector('.sending');
let filled = false, typing = 0, under = 0, done = 0, taken = false;

const tick = () => trigger('tick', {});
addEventListener('duban:room', event => {
  if (event.detail !== 'shelf' || filled) return;
  filled = true;
  trigger('shelve', {});
});

// Each file goes on its own, so that one that breaks off takes no other with it.
const send = file => new Promise(resolve => {
  const line = document.createElement('p'), bar = document.createElement('progress'), name = document.createElement('span');
  name.textContent = `${sending().dataset.sending} ${file.name}`;
  bar.max = 1;
  bar.setAttribute('aria-label', file.name);
  line.append(name, bar);
  sending().append(line);
  const request = new XMLHttpRequest();
  request.open('POST', `/upload?name=${encodeURIComponent(file.name)}`);
  request.upload.addEventListener('progress', event => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
  const end = () => { line.remove(); resolve(); tick(); };
  request.addEventListener('load', end);
  request.addEventListener('error', () => {
    bar.remove();
    name.textContent = `${file.name}：${sending().dataset.broken}`;
    line.className = 'trouble';
    resolve();
    tick();
  });
  request.send(file);
});
const take = async files => {
  under += 1;
  for (const file of files) await send(file);
  under -= 1;
};

room.addEventListener('change', event => {
  if (!event.target.matches('[data-files]')) return;
  const files = [...event.target.files];
  event.target.value = '';
  take(files);
});
// The place that says what is being sent comes from the server when the room is first opened.
const shelved = async () => {
  while (!sending()) await new Promise(next => setTimeout(next, 50));
};
// Files may be dropped anywhere: a browser left to itself would open the file in place of the page.
for (const type of ['dragover', 'dragleave', 'drop']) {
  addEventListener(type, event => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    document.documentElement.classList.toggle('over', type === 'dragover');
    if (type !== 'drop') return;
    const files = [...event.dataTransfer.files];
    duban.room('shelf');
    shelved().then(() => take(files));
  });
}
addEventListener('beforeunload', event => { if (under) event.preventDefault(); });

room.addEventListener('input', event => {
  if (!event.target.matches('[data-words]')) return;
  clearTimeout(typing);
  typing = setTimeout(() => trigger('lookup', { words: query() }), 250);
});
room.addEventListener('click', async event => {
  const at = event.target.closest('[data-again],[data-dismiss],[data-remove],[data-tasks],[data-within]');
  if (!at) return;
  if ('again' in at.dataset) { trigger('again', { no: at.dataset.again }); tick(); }
  else if ('dismiss' in at.dataset) trigger('dismiss', { no: at.dataset.dismiss });
  else if ('tasks' in at.dataset) {
    dispatchEvent(new CustomEvent('duban:tasks', { detail: at.dataset.tasks }));
    duban.room('ledger');
  } else if ('within' in at.dataset) {
    dispatchEvent(new CustomEvent('duban:within', { detail: at.dataset.within }));
    duban.room('ask');
    document.querySelector('#box textarea')?.focus();
  } else {
    const item = at.closest('[data-doc]'), words = room.querySelector('.find').dataset;
    const said = await duban.dialog({ title: words.removeTitle, ok: words.remove, cancel: words.cancel, danger: true,
      how: `${item.querySelector('.title').textContent}\n${words.removeHow}` });
    if (said) { taken = true; trigger('withdraw', { doc: item.dataset.doc, words: query() }); }
  }
});

// By the clock, not by what comes back: most of the time nothing has changed, and an answer may be lost.
setInterval(() => {
  const jobs = room.querySelector('.jobs'), now = under > 0 || jobs?.dataset.live === '1';
  const ended = room.querySelectorAll('.job.done').length;
  if (ended > done) {
    trigger('lookup', { words: query() });
    dispatchEvent(new Event('duban:changed'));
  }
  done = ended;
  if (now) tick();
}, 600);
// What was taken away is gone when the list has come back without it.
watch('value', () => {
  if (!taken) return;
  taken = false;
  dispatchEvent(new Event('duban:changed'));
});
