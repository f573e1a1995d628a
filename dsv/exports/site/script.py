"""The script of the front page: it searches, narrows and sorts the list, in the page itself and without a server."""

from __future__ import annotations

SCRIPT = r"""'use strict';
(function () {
  const byId = (id) => document.getElementById(id);
  const query = byId('query'), count = byId('count'), body = byId('datasets').tBodies[0];
  const rows = Array.from(body.rows);
  const choices = ['type', 'tag', 'stage', 'status'].map(byId).filter(Boolean);
  const SHOWN = 50;
  let catalogue = null;

  // As `dsv search` compares: without regard to case, accents and width.
  const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

  // The index is a script beside this one, since a page in a file system may not read other files; it calls this.
  window.dsvCatalogue = function (found) {
    catalogue = new Map(found.map(([name, text, facts, versions]) => [name, {
      text: fold(text), type: facts[0], tag: facts[1], stage: facts[2], status: facts[3],
      versions: versions.map(([version, file, summary, tags]) =>
        ({version, file, summary, text: fold(version + ' ' + summary + ' ' + tags)})).reverse(),
    }]));
    show();
  };

  function load() {
    if (document.querySelector('script[data-index]')) return;
    const script = document.createElement('script');
    script.src = 'assets/search.js';
    script.dataset.index = '';
    document.head.append(script);
  }

  function asked() {
    const found = {q: query.value.trim()};
    for (const choice of choices) found[choice.id] = choice.value;
    return found;
  }

  function fits(entry, wanted) {
    return choices.every((choice) => {
      const value = wanted[choice.id], own = entry[choice.id];
      return !value || (Array.isArray(own) ? own.includes(value) : own === value);
    });
  }

  function show() {
    const wanted = asked();
    const words = fold(wanted.q).split(/\s+/).filter(Boolean);
    const narrowed = words.length > 0 || choices.some((choice) => choice.value);
    remember(wanted);
    if (narrowed && !catalogue) { load(); return; }
    let shown = 0;
    const hits = [];
    for (const row of rows) {
      const entry = catalogue && catalogue.get(row.dataset.name);
      let visible = true;
      if (narrowed && entry) {
        const there = fits(entry, wanted);
        const missing = words.filter((word) => !entry.text.includes(word));
        visible = there && !missing.length;
        // What only a version says is found in the list of versions, where the dataset's own texts count too.
        if (there && missing.length) {
          for (const version of entry.versions) {
            if (missing.every((word) => version.text.includes(word))) hits.push([row.dataset.name, version]);
          }
        }
      }
      row.hidden = !visible;
      if (visible) shown += 1;
    }
    list(hits, words);
    count.textContent = narrowed
      ? plural(shown, 'dataset') + (hits.length ? ', ' + plural(hits.length, 'version') + ' of others' : '')
      : '';
  }

  const plural = (number, noun) => number.toLocaleString('en') + ' ' + noun + (number === 1 ? '' : 's');

  function list(hits, words) {
    const into = byId('versions');
    into.replaceChildren();
    byId('found').hidden = !hits.length;
    for (const [name, version] of hits.slice(0, SHOWN)) {
      const [item, link, said] = ['li', 'a', 'span'].map((tag) => document.createElement(tag));
      link.href = version.file;
      link.textContent = name + ' ' + version.version;
      mark(said, version.summary, words);
      item.append(link, ' ', said);
      into.append(item);
    }
    if (hits.length > SHOWN) {
      const item = document.createElement('li');
      item.textContent = 'and ' + plural(hits.length - SHOWN, 'more version');
      into.append(item);
    }
  }

  // Texts become nodes of text and nothing else.
  function mark(into, text, words) {
    const lower = text.toLowerCase();
    let at = 0;
    while (at < text.length) {
      let next = -1, length = 0;
      for (const word of words) {
        const place = lower.indexOf(word, at);
        if (place >= 0 && (next < 0 || place < next)) { next = place; length = word.length; }
      }
      if (next < 0) break;
      const marked = document.createElement('mark');
      marked.textContent = text.slice(next, next + length);
      into.append(text.slice(at, next), marked);
      at = next + length;
    }
    into.append(text.slice(at));
  }

  // What is asked for stands behind the address, so that it can be linked to and comes back with the page.
  function remember(wanted) {
    const kept = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    history.replaceState(null, '', kept.toString() ? '#' + kept : location.pathname + location.search);
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    query.value = kept.get('q') || '';
    for (const choice of choices) choice.value = kept.get(choice.id) || '';
    show();
  }

  function sortable(heading, column) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = heading.getAttribute('aria-sort') === 'ascending';
      for (const other of heading.parentNode.cells) other.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.by || (column === 0 ? row.dataset.name : cell.textContent);
      };
      const order = new Intl.Collator('en', {numeric: true}).compare;
      rows.sort((a, b) => (down ? -1 : 1) * order(key(a), key(b)) || order(a.dataset.name, b.dataset.name));
      body.append(...rows);
    });
  }

  byId('search').hidden = false;
  Array.from(document.querySelectorAll('#datasets thead th')).forEach(sortable);
  query.addEventListener('focus', load);
  query.addEventListener('input', show);
  for (const choice of choices) choice.addEventListener('change', show);
  window.addEventListener('hashchange', recall);
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      query.focus();
    }
  });
  recall();
})();
"""
