// The head: comes with the first answer of the server, in the reader's language.
watch('value', () => { duban.light(); duban.room(document.documentElement.dataset.room); duban.rail(!duban.narrow()); });
