// The pages of /docs are whole without this. With it they can be searched, calls can be copied and carry the reader's own
// address, and a link to an operation opens it. Asks nobody for anything.
'use strict';

const operations = [...document.querySelectorAll('.operation')];

function open_what_is_linked() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const operation = target?.closest('.operation');
  if (!operation) return;
  operation.open = true;
  operation.hidden = false;
  operation.scrollIntoView();
}

const word_of = (operation) => operation.textContent.toLowerCase();

function show_matches(input, output) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const operation of operations) {
    operation.hidden = !words.every((word) => word_of(operation).includes(word));
    if (!operation.hidden) shown += 1;
    const item = document.querySelector(`nav a[href="#${operation.id}"]`)?.closest('li');
    if (item) item.hidden = operation.hidden;
  }
  output.value = words.length ? `${shown} of ${operations.length} operations` : '';
}

function make_searchable() {
  const form = document.querySelector('form[role=search]');
  if (!form) return;
  const input = form.querySelector('input');
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  input.addEventListener('input', () => show_matches(input, form.querySelector('output')));
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || /^(input|textarea)$/i.test(document.activeElement.tagName)) return;
    event.preventDefault();
    input.focus();
  });
}

function make_copyable(call) {
  call.textContent = call.textContent.replaceAll('$BASE', location.origin);
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(call.textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  call.after(button);
}

make_searchable();
// Copying works where the browser trusts the connection: over TLS, or on this machine.
if (navigator.clipboard) document.querySelectorAll('pre.call').forEach(make_copyable);
addEventListener('hashchange', open_what_is_linked);
open_what_is_linked();
