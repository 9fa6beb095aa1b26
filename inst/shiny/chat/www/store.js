// The conversations of a chat, in the browser's IndexedDB. Titles are stored
// separately, so that the list does not read conversations with pictures. If the
// browser stores nothing, as in some private windows, conversations exist as long as
// the page.

export class Store {
  // `scope` distinguishes the chats of one site.
  constructor(scope) {
    this.scope = scope;
    this.database = openDatabase();
    this.database.catch(() => {});
  }

  // { id, title, changed } of each conversation, the last changed first.
  async list() {
    const store = await this.store("titles", "readonly");
    const titles = await result(store.index("scope").getAll(this.scope));
    return titles.sort((a, b) => b.changed - a.changed);
  }

  async get(id) {
    const store = await this.store("conversations", "readonly");
    return (await result(store.get(id)))?.conversation ?? null;
  }

  async put(conversation) {
    const { id, title, changed } = conversation;
    const transaction = await this.transaction("readwrite");
    transaction.objectStore("titles").put({ id, title, changed, scope: this.scope });
    transaction.objectStore("conversations").put({ id, conversation });
    await finished(transaction);
  }

  async delete(id) {
    const transaction = await this.transaction("readwrite");
    transaction.objectStore("titles").delete(id);
    transaction.objectStore("conversations").delete(id);
    await finished(transaction);
  }

  async store(name, mode) {
    return (await this.transaction(mode)).objectStore(name);
  }

  async transaction(mode) {
    return (await this.database).transaction(["titles", "conversations"], mode);
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("openaistream-chat", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("titles", { keyPath: "id" }).createIndex("scope", "scope");
      request.result.createObjectStore("conversations", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
